from skser.cli._app import main

main()

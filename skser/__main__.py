from skser.cli import main

main()

"""The engine, which reads and analyses each clip once, in batches and processes, and the store."""

from skser.extraction._feature_store import FeatureStore, cache_info, clear_cache

__all__ = ["FeatureStore", "cache_info", "clear_cache"]

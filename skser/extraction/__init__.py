"""The engine: one clip is read once and analysed once, in batches and processes; the store."""

from skser.extraction._feature_store import FeatureStore, cache_info, clear_cache

__all__ = ["FeatureStore", "cache_info", "clear_cache"]

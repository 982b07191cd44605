"""Client of Sutra-Embedder, an embedding server."""

from .client import SutraEmbedder
from .codes import dequantize
from .config import EmbeddingConfig, ModelPreset, QuantizationType, StreamingConfig
from .embed_many import EmbeddedBatch, Progress
from .errors import (
    APIError,
    BackendUnavailableError,
    BufferFullError,
    ConnectionFailedError,
    DeadlineExceededError,
    DownloadFailedError,
    InternalError,
    InvalidArgumentError,
    InvalidDimensionsError,
    ModelNotAvailableError,
    ModelNotFoundError,
    NotFoundError,
    OverloadedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitedError,
    RequestTimeoutError,
    TextRefusedError,
    UnauthenticatedError,
    UnexpectedResponseError,
    UnimplementedError,
    VersionMismatchError,
)
from .result import EmbeddingResult
from .similarity import batch_cosine_similarity, cosine_similarity, find_most_similar, hamming
from .stream_result import StreamedEmbedding
from .version import CLIENT_VERSION

__version__ = CLIENT_VERSION

__all__ = [
    "APIError",
    "BackendUnavailableError",
    "BufferFullError",
    "ConnectionFailedError",
    "DeadlineExceededError",
    "DownloadFailedError",
    "EmbeddedBatch",
    "EmbeddingConfig",
    "EmbeddingResult",
    "InternalError",
    "InvalidArgumentError",
    "InvalidDimensionsError",
    "ModelNotAvailableError",
    "ModelNotFoundError",
    "ModelPreset",
    "NotFoundError",
    "OverloadedError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "Progress",
    "QuantizationType",
    "RateLimitedError",
    "RequestTimeoutError",
    "StreamedEmbedding",
    "StreamingConfig",
    "SutraEmbedder",
    "TextRefusedError",
    "UnauthenticatedError",
    "UnexpectedResponseError",
    "UnimplementedError",
    "VersionMismatchError",
    "batch_cosine_similarity",
    "cosine_similarity",
    "dequantize",
    "find_most_similar",
    "hamming",
]

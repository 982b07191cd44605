"""Embeds lines while they come in: here a feed that has a new one every few milliseconds.

pip install sutra-embedder
python streaming.py
"""

import asyncio
from collections.abc import AsyncIterator

from sutra_embedder import StreamingConfig, SutraEmbedder, cosine_similarity

SUBJECTS = ("the harbor", "a locomotive", "the orchestra", "an orchard", "the observatory")


async def feed() -> AsyncIterator[str]:
    """Stands in for a log, a queue or a microphone."""
    for number in range(50):
        yield f"report {number}: news from {SUBJECTS[number % len(SUBJECTS)]}"
        await asyncio.sleep(0.005)


async def main() -> None:
    # At most 16 lines are on their way at once: when vectors are taken slowly, the feed is read slowly.
    config = StreamingConfig(buffer_size=16, max_latency_ms=50)
    async with SutraEmbedder() as embedder:
        wanted = (await embedder.embed_async("trains and railways")).vectors[0]
        best, count = (-1.0, ""), 0
        async for result in embedder.stream(feed(), config):
            best = max(best, (cosine_similarity(wanted, result.vector), result.text))
            count += 1
    print(f"{count} lines embedded as they came; nearest to trains: {best[1]!r} ({best[0]:.3f})")


if __name__ == "__main__":
    asyncio.run(main())

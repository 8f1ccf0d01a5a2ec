"""What a first start shows: real publishers, real agents from `agents/`, and history made by really running them.

Beside it, and only when asked for, synthetic listings to measure the directory with.
"""

from agent_platform.services.demo._seed import seed
from agent_platform.services.demo._synthetic import remove_synthetic, seed_synthetic

__all__ = ["remove_synthetic", "seed", "seed_synthetic"]

from agent_platform.core.errors import Conflict, PaymentRequired


class BalanceTooLow(PaymentRequired):
    """The pockets that may pay for this hold less than is needed."""


class CapBelowSmallest(PaymentRequired):
    """The cap does not cover the least this agent can cost."""

    code = "cap_below_smallest"


class PriceModelNotAvailable(Conflict):
    """The manifest names a price model this installation cannot charge yet."""

    code = "price_model_not_available"

"""What runs in an AWS account, read and never changed: a stack's state machines, and their executions."""

from workflow_dsl.account.access import Account, open_account
from workflow_dsl.account.comparison import Drift, MachineStatus, compared
from workflow_dsl.account.stack import DeployedStack, read_stack

__all__ = ["Account", "DeployedStack", "Drift", "MachineStatus", "compared", "open_account", "read_stack"]

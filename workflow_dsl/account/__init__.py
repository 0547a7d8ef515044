"""Deployed stacks, their state machines and executions, read from an AWS account; sync.py alone changes one."""

from workflow_dsl.account.access import Account, open_account
from workflow_dsl.account.comparison import Difference, MachineStatus, compare_machines
from workflow_dsl.account.stack import DeployedStack, existing_stack, read_stack

__all__ = [
    "Account",
    "DeployedStack",
    "Difference",
    "MachineStatus",
    "compare_machines",
    "existing_stack",
    "open_account",
    "read_stack",
]

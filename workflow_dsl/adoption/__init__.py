"""A project begun, or the tool added to one: first a plan as data, then its files, all or none."""

from workflow_dsl.adoption.existing import plan_adoption
from workflow_dsl.adoption.new import plan_new_project
from workflow_dsl.adoption.plan import Plan, Refused, Step, carry_out

__all__ = ["Plan", "Refused", "Step", "carry_out", "plan_adoption", "plan_new_project"]

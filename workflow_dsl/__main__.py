"""`python -m workflow_dsl` is `workflow-dsl`."""

from workflow_dsl.cli import main

main()

"""The overview page of a project."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

from workflow_dsl.application.application import read_application
from workflow_dsl.project import Project
from workflow_dsl.views.page import page_of

TEMPLATE = """
    Resources:
      Trader:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: generated/trader.asl.json
          DefinitionSubstitutions: {BuyerArn: !GetAtt Buyer.Arn}
          Events: {Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}
      Rest:
        Type: AWS::Serverless::StateMachine
        Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}
      Buyer: {Type: AWS::Serverless::Function, Properties: {CodeUri: code of buyer, Handler: app.handler}}
      Idle: {Type: AWS::Serverless::Function, Properties: {Events: {Call: {Type: Api}}}}
"""


def test_the_page_lists_the_functions_and_then_each_state_machine(tmp_path: Path) -> None:
    files = {
        "template.yaml": dedent(TEMPLATE),
        "generated/trader.asl.json": json.dumps(
            {
                "Comment": "Trades.",
                "StartAt": "Buy",
                "States": {"Buy": {"Type": "Task", "Resource": "${BuyerArn}", "End": True}},
            }
        ),
        "flows/trader.py": "",
        "code of buyer/app.py": "def handler(event, context): ...",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    project = Project(tmp_path, workflows=Path("flows"))
    page = page_of(project, read_application(project), Path("docs/deep/machines.md"))
    _, _, content = page.partition("out of date.\n\n")
    assert content == dedent("""\
        | Function | Called by | Code |
        | --- | --- | --- |
        | Buyer | Trader: Buy | [code of buyer/app.py](../../code%20of%20buyer/app.py) |
        | Idle | Api Call: ANY |  |

        ## Trader

        Trades.

        [flows/trader.py](../../flows/trader.py), deployed as [generated/trader.asl.json](../../generated/trader.asl.json)

        ![Trader](../../generated/trader.svg)

        Started by: Schedule Hourly: rate(1 hour).

        | State | Calls | Placeholder | Function or resource |
        | --- | --- | --- | --- |
        | Buy | Lambda | BuyerArn | Buyer |

        Its role needs:

        | Actions | Resources |
        | --- | --- |
        | `lambda:InvokeFunction` | `!GetAtt Buyer.Arn` |

        ## Rest

        Started by: no event of the template.

        Its role needs no permissions.
        """)

"""Small projects whose handlers are annotated: a definition, the handler of each state, and the input's schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import yaml

from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import Declared
from workflow_dsl.shapes.sources.handlers import signature_of
from workflow_dsl.shapes.sources.json_schema import shape_of_schema

HEAD = "from dataclasses import dataclass\nfrom typing import Literal, NotRequired, TypedDict\nfrom pydantic import BaseModel, Field\n"


class AnnotatedProject(NamedTuple):
    """A definition in YAML, Python for each state that calls a function, and the schema of the input."""

    definition: str
    handlers: Mapping[str, str]
    input: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """The definition."""
        document: dict[str, Any] = yaml.safe_load(dedent(self.definition))
        return document

    def source(self, state: str) -> str:
        """The code of the function that a state calls."""
        return HEAD + dedent(self.handlers[state])

    def declared(self, folder: Path) -> Declared:
        """The declarations of the handlers, which are written to a folder, and of the input."""
        calls = {}
        for state in Machine(self.document()).walk():
            if state.name in self.handlers:
                file = folder / f"{state.name.replace(' ', '_').lower()}.py"
                file.write_text(self.source(state.name), "utf-8")
                calls[state.keys] = signature_of(file, "handler", state.name, lambda path: path.name)
        return Declared(shape_of_schema(dict(self.input), "input.schema.json"), calls)


def _object(**properties: Any) -> dict[str, Any]:
    schemas = {name: value if isinstance(value, dict) else {"type": value} for name, value in properties.items()}
    return {"type": "object", "properties": schemas, "required": list(properties)}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


ORDER = _object(order=_object(id="string", total="number"), customer=_object(name="string", email="string"))
LINES = _object(order="string", lines=_list(_object(sku="string", quantity="integer")))

PROJECTS: dict[str, AnnotatedProject] = {
    "parameters": AnnotatedProject(
        """
        StartAt: Price
        States:
          Price:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:price
            Parameters: {id.$: $.order.id, total.$: $.order.total}
            ResultPath: $.price
            Next: Cheap?
          Cheap?:
            Type: Choice
            Choices: [{Variable: $.price.amount, NumericLessThan: 50, Next: Done}]
            Default: Note
          Note:
            Type: Pass
            Parameters: {to.$: $.customer.email, amount.$: $.price.amount, in.$: $.price.currency}
            Next: Done
          Done: {Type: Succeed}
        """,
        {
            "Price": """
            class Order(TypedDict):
                id: str
                total: float
            class Price(TypedDict):
                amount: float
                currency: str
            def handler(event: Order, context) -> Price: ...
            """
        },
        ORDER,
    ),
    "payload": AnnotatedProject(
        """
        StartAt: Track
        States:
          Track:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: {FunctionName: track, Payload: {order.$: $.order.id}}
            Next: Keep
          Keep:
            Type: Pass
            Parameters: {number.$: $.Payload.tracking.number, carrier.$: $.Payload.tracking.carrier}
            Next: Text
          Text:
            Type: Pass
            Parameters: {text.$: "States.Format('{} by {}', $.number, $.carrier)"}
            End: true
        """,
        {
            "Track": """
            @dataclass
            class Tracking:
                number: str
                carrier: str
            class Result(TypedDict):
                tracking: Tracking
            def handler(event: dict[str, str], context) -> Result: ...
            """
        },
        ORDER,
    ),
    "selector": AnnotatedProject(
        """
        StartAt: Measure
        States:
          Measure:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:measure
            InputPath: $.order
            ResultSelector: {width.$: $.box.width, height.$: $.box.height}
            ResultPath: $.size
            OutputPath: $.size
            Next: Wide?
          Wide?:
            Type: Choice
            Choices:
            - And:
              - {Variable: $.width, NumericGreaterThan: 10}
              - {Variable: $.height, NumericGreaterThan: 10}
              Next: Done
            Default: Pause
          Pause: {Type: Wait, SecondsPath: $.width, Next: Done}
          Done: {Type: Succeed, OutputPath: $.height}
        """,
        {
            "Measure": """
            class Box(TypedDict):
                width: int
                height: int
            class Measured(TypedDict):
                box: Box
            def handler(event: dict, context) -> Measured: ...
            """
        },
        ORDER,
    ),
    "map": AnnotatedProject(
        """
        StartAt: Each
        States:
          Each:
            Type: Map
            ItemsPath: $.lines
            ItemSelector: {order.$: $.order, sku.$: $$.Map.Item.Value.sku, quantity.$: $$.Map.Item.Value.quantity}
            ItemProcessor:
              StartAt: Reserve
              States:
                Reserve:
                  Type: Task
                  Resource: arn:aws:lambda:us-east-1:111111111111:function:reserve
                  Parameters: {sku.$: $.sku, quantity.$: $.quantity, order.$: $.order}
                  ResultSelector: {place.$: $.shelf}
                  End: true
            ResultPath: $.reserved
            Next: First
          First:
            Type: Pass
            Parameters: {shelf.$: "$.reserved[0].place", all.$: "$.reserved[*].place"}
            End: true
        """,
        {
            "Reserve": """
            class Line(BaseModel):
                sku: str
                quantity: int
                order: str
            class Shelf(TypedDict):
                shelf: str
            def handler(event: Line, context) -> Shelf: ...
            """
        },
        LINES,
    ),
    "parallel": AnnotatedProject(
        """
        StartAt: Both
        States:
          Both:
            Type: Parallel
            Branches:
            - StartAt: Credit
              States:
                Credit:
                  Type: Task
                  Resource: arn:aws:lambda:us-east-1:111111111111:function:credit
                  Parameters: {name.$: $.customer.name}
                  End: true
            - StartAt: Stock
              States:
                Stock: {Type: Pass, Parameters: {order.$: $.order.id}, End: true}
            ResultSelector: {score.$: "$[0].score", order.$: "$[1].order"}
            Next: Good?
          Good?:
            Type: Choice
            Choices: [{Variable: $.score, NumericGreaterThan: 5, Next: Done}]
            Default: Done
          Done: {Type: Pass, InputPath: $.order, End: true}
        """,
        {
            "Credit": """
            class Score(TypedDict):
                score: float
            def handler(event: dict, context) -> Score: ...
            """
        },
        ORDER,
    ),
    "catch": AnnotatedProject(
        """
        StartAt: Charge
        States:
          Charge:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:charge
            Parameters: {total.$: $.order.total}
            ResultPath: $.receipt
            Catch: [{ErrorEquals: [States.ALL], ResultPath: $.error, Next: Report}]
            Next: Send
          Send:
            Type: Pass
            Parameters: {to.$: $.customer.email, number.$: $.receipt.number}
            End: true
          Report:
            Type: Fail
            ErrorPath: $.error.Error
            CausePath: $.customer.name
        """,
        {
            "Charge": """
            class Receipt(TypedDict):
                number: str
            class Total(TypedDict):
                total: float
            def handler(event: Total, context) -> Receipt: ...
            """
        },
        ORDER,
    ),
    "jsonata": AnnotatedProject(
        """
        QueryLanguage: JSONata
        StartAt: Price
        States:
          Price:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:price
            Arguments: {id: "{% $states.input.order.id %}", total: "{% $states.input.order.total * 2 %}"}
            Assign: {currency: "{% $states.result.currency %}"}
            Output: {price: "{% $states.result.amount %}", to: "{% $states.input.customer.email %}"}
            Next: Cheap?
          Cheap?:
            Type: Choice
            Choices: [{Condition: "{% $states.input.price < 50 %}", Next: Done}]
            Default: Note
          Note:
            Type: Pass
            Output: {text: "{% $states.input.to & ' pays ' & $states.input.price & $currency %}"}
            Next: Done
          Done: {Type: Succeed}
        """,
        {
            "Price": """
            class Order(TypedDict):
                id: str
                total: float
            class Price(TypedDict):
                amount: float
                currency: str
            def handler(event: Order, context) -> Price: ...
            """
        },
        ORDER,
    ),
    "jsonata map": AnnotatedProject(
        """
        QueryLanguage: JSONata
        StartAt: Each
        States:
          Each:
            Type: Map
            Items: "{% $states.input.lines %}"
            ItemProcessor:
              StartAt: Reserve
              States:
                Reserve:
                  Type: Task
                  Resource: arn:aws:lambda:us-east-1:111111111111:function:reserve
                  Arguments: {sku: "{% $states.input.sku %}", quantity: "{% $states.input.quantity %}"}
                  Output: {shelf: "{% $states.result.shelf %}", sku: "{% $states.input.sku %}"}
                  End: true
            Output: {shelves: "{% $states.result.shelf %}", first: "{% $states.result[0].sku %}"}
            Next: Text
          Text:
            Type: Pass
            Output: "{% $join($states.input.shelves, ', ') & $states.input.first %}"
            End: true
        """,
        {
            "Reserve": """
            class Line(TypedDict):
                sku: str
                quantity: int
            class Shelf(TypedDict):
                shelf: str
            def handler(event: Line, context) -> Shelf: ...
            """
        },
        LINES,
    ),
    "variables": AnnotatedProject(
        """
        StartAt: Keep
        States:
          Keep:
            Type: Pass
            Assign: {buyer.$: $.customer, id.$: $.order.id}
            Next: Price
          Price:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:price
            Parameters: {id.$: $id}
            Assign: {price.$: $.amount}
            Next: Send
          Send:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage
            Parameters: {QueueUrl: q, MessageBody: {amount.$: $.amount, by.$: $.currency}}
            Next: Kept
          Kept: {Type: Pass, Parameters: {message.$: $.MessageId, digest.$: $.MD5OfMessageBody}, End: true}
        """,
        {
            "Price": """
            class Price(TypedDict):
                amount: float
                currency: str
            def handler(event: dict, context) -> Price: ...
            """
        },
        ORDER,
    ),
    "returned literal": AnnotatedProject(
        """
        StartAt: Look
        States:
          Look:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:look
            ResultPath: $.seen
            Next: Known?
          Known?:
            Type: Choice
            Choices: [{Variable: $.seen.known, BooleanEquals: true, Next: Done}]
            Default: Done
          Done: {Type: Pass, Parameters: {at.$: $.seen.at, who.$: $.customer.name}, End: true}
        """,
        {
            "Look": """
            def handler(event, context):
                if not event:
                    return {"known": False, "at": "never"}
                return {"known": True, "at": str(event)}
            """
        },
        ORDER,
    ),
    "code of handlers": AnnotatedProject(
        """
        StartAt: Plan
        States:
          Plan:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:plan
            Parameters: {id.$: $.order.id}
            ResultPath: $.plan
            Next: Mark
          Mark:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:mark
            Next: Report
          Report:
            Type: Pass
            Parameters:
              id.$: $.order.id
              first.$: "$.plan.stops[0].city"
              all.$: "$.plan.stops[*].at"
              vehicle.$: $.plan.vehicle.plate
              driver.$: $.plan.vehicle.driver.name
              state.$: $.state
            End: true
        """,
        {
            "Plan": """
            import dataclasses
            @dataclass
            class Driver:
                name: str
            class Vehicle(BaseModel):
                plate: str
                driver: Driver
            def vehicle(order) -> Vehicle: ...
            def stop(city):
                return {"city": city, "at": None}
            def handler(event, context) -> dict:
                stops = [stop(city) for city in ("a", "b")]
                stops.append(stop(event["id"]))
                plan = {"vehicle": vehicle(event["id"]).model_dump()}
                plan["stops"] = stops
                return plan
            """,
            "Mark": """
            def handler(event, context):
                return {**event, "state": "planned"}
            """,
        },
        ORDER,
    ),
    "merge in a loop": AnnotatedProject(
        """
        QueryLanguage: JSONata
        StartAt: Try
        States:
          Try:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:try
            Arguments: {id: "{% $states.input.order.id %}"}
            Output: "{% $merge([$states.input, {'tries': 1}, $states.result]) %}"
            Next: Again?
          Again?:
            Type: Choice
            Choices: [{Condition: "{% $states.input.seat.row > 5 %}", Next: Pause}]
            Default: Done
          Pause: {Type: Wait, Seconds: "{% $states.input.wait %}", Next: Try}
          Done: {Type: Succeed, Output: "{% $states.input.customer.email & $string($states.input.tries) %}"}
        """,
        {
            "Try": """
            class Seat(TypedDict):
                row: int
            class Tried(TypedDict):
                seat: Seat
                wait: int
            def handler(event, context) -> Tried: ...
            """
        },
        ORDER,
    ),
    "kinds": AnnotatedProject(
        """
        StartAt: Decide
        States:
          Decide:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:decide
            Next: Which?
          Which?:
            Type: Choice
            Choices:
            - {Variable: $.kind, StringEquals: paid, Next: Paid}
            - {Variable: $.kind, StringEquals: refused, Next: Refused}
            Default: Later
          Paid: {Type: Pass, InputPath: $.receipt, End: true}
          Refused: {Type: Fail, ErrorPath: $.reason}
          Later: {Type: Pass, End: true}
        """,
        {
            "Decide": """
            class Paid(TypedDict):
                kind: Literal["paid"]
                receipt: str
            class Refused(TypedDict):
                kind: Literal["refused"]
                reason: str
            class Later(TypedDict):
                kind: Literal["later"]
            def handler(event, context) -> Paid | Refused | Later: ...
            """
        },
        ORDER,
    ),
    "optional": AnnotatedProject(
        """
        StartAt: Find
        States:
          Find:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:find
            Next: Found?
          Found?:
            Type: Choice
            Choices: [{Variable: $.place, IsPresent: true, Next: Tell}]
            Default: None
          Tell: {Type: Pass, Parameters: {city.$: $.place.city, query.$: $.query}, End: true}
          None: {Type: Pass, Parameters: {query.$: $.query}, End: true}
        """,
        {
            "Find": """
            class Place(TypedDict):
                city: str
            class Answer(TypedDict):
                query: str
                place: NotRequired[Place]
            def handler(event, context) -> Answer: ...
            """
        },
        ORDER,
    ),
    "a test of what a selector keeps": AnnotatedProject(
        """
        StartAt: Find
        States:
          Find:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:find
            ResultSelector: {place.$: $.place, asked.$: $.query}
            ResultPath: $.found
            Next: Note?
          Note?:
            Type: Choice
            Choices: [{Variable: $.found.place.note, IsPresent: true, Next: Tell}]
            Default: None
          Tell: {Type: Pass, Parameters: {note.$: $.found.place.note}, End: true}
          None: {Type: Pass, Parameters: {asked.$: $.found.asked}, End: true}
        """,
        {
            "Find": """
            class Place(TypedDict):
                city: str
                note: NotRequired[str]
            class Answer(TypedDict):
                query: str
                place: Place
            def handler(event, context) -> Answer: ...
            """
        },
        ORDER,
    ),
    "filters": AnnotatedProject(
        """
        StartAt: Large
        States:
          Large:
            Type: Pass
            Parameters:
              large.$: $.lines[?(@.quantity > 10 && @.sku != 'none')]
              skus.$: $.lines[?(!(@.sku == 'none') || @.quantity == 1)].sku
              ours.$: $.lines[?(@.sku == $.order)]
            End: true
        """,
        {},
        LINES,
    ),
    "what handlers read and return": AnnotatedProject(
        """
        StartAt: Intake
        States:
          Intake:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:intake
            Parameters: {request: {number.$: $.order, lines.$: $.lines}}
            Next: Price
          Price:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:price
            Parameters: {order.$: $.order, lines.$: $.lines}
            ResultPath: $.price
            Next: Answer
          Answer:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:111111111111:function:answer
            Parameters: {order.$: $.order, price.$: $.price}
            Next: Report
          Report:
            Type: Pass
            Parameters:
              status.$: $.status
              number.$: $.body.number
              total.$: $.body.total
              pieces.$: "$.body.lines[0].pieces"
            End: true
        """,
        {
            "Intake": """
            class Line(TypedDict):
                pieces: int
            class Order(BaseModel):
                number: str = Field(alias="orderNumber")
            class Accepted(TypedDict):
                order: dict[str, str]
                lines: list[Line]
            def handler(event: dict, context) -> Accepted:
                request = event["request"]
                lines: list[Line] = [{"pieces": line["quantity"]} for line in request["lines"]]
                order = Order(orderNumber=request["number"])
                return {"order": order.model_dump(), "lines": lines}
            """,
            "Price": """
            def pieces(lines):
                return sum(line["pieces"] for line in lines)
            def handler(event, context):
                count = pieces(event["lines"])
                rows = []
                for line in event["lines"]:
                    rows.append({"pieces": line["pieces"]})
                return {"total": 5 * count, "lines": rows}
            """,
            "Answer": """
            class Piece(TypedDict):
                pieces: int
            class Body(TypedDict):
                number: str
                total: float
                lines: list[Piece]
            class Answered(TypedDict):
                status: int
                body: Body
            def handler(event, context) -> Answered:
                order, price = event["order"], event["price"]
                if not price["total"]:
                    raise ValueError("nothing to pay")
                lines = [{"pieces": each["pieces"]} for each in price["lines"]]
                return {"status": 200, "body": {"number": order["number"], "total": price["total"], "lines": lines}}
            """,
        },
        _object(order="string", lines=_list(_object(sku="string", quantity="integer"))),
    ),
}

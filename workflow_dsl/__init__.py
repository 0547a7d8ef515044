"""Write AWS Step Functions workflows in Python; check, run and compare any definition."""

TYPE_CHECKING = False  # that of typing, which takes long to import, is the same to a type checker
if TYPE_CHECKING:
    from workflow_dsl.authoring import Workflow

__all__ = ["Workflow"]


def __getattr__(name: str) -> object:
    """Load Workflow when it is first used, so that checking a file does not import the SDK."""
    if name == "Workflow":
        from workflow_dsl.authoring import Workflow

        return Workflow
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

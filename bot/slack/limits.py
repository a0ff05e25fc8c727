"""Slack's sizes and surfaces for what an app sends (docs.slack.dev, Block Kit reference)."""

from enum import StrEnum


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


EVERYWHERE = frozenset(Surface)
FORMS = frozenset({Surface.MODAL})
MESSAGES = frozenset({Surface.MESSAGE})
FORMS_AND_HOME = frozenset({Surface.MODAL, Surface.HOME})
MESSAGES_AND_HOME = frozenset({Surface.MESSAGE, Surface.HOME})

BLOCKS = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}
VIEW_BYTES = 250_000
VIEW_TITLE = 24
PRIVATE_METADATA = 3000
ID = 255

MESSAGE_TEXT = 4000
SECTION_TEXT = 3000
FIELDS = 10
FIELD_TEXT = 2000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT = 2000
ACTIONS_ELEMENTS = 25
LABEL = 2000
MARKDOWN_TEXT = 12_000
IMAGE_TITLE = 2000
ALT_TEXT = 2000
URL = 3000

BUTTON_TEXT = 75
BUTTON_VALUE = 2000
PLACEHOLDER = 150
INPUT_TEXT = 3000
OPTION_TEXT = 75
OPTION_VALUE = 150
SELECT_OPTIONS = 100
SELECT_GROUPS = 100
CHOICES = 10
OVERFLOW_OPTIONS = 5
FILES = 10
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

TABLES = 1
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_TEXT = 10_000

SELECTS = frozenset(
    f"{many}{source}_select"
    for many in ("", "multi_")
    for source in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
GROUPS = frozenset({"checkboxes", "radio_buttons"})

ACCESSORIES = (
    SELECTS | GROUPS | {"button", "datepicker", "timepicker", "image", "overflow", "workflow_button"}
)
ACTIONS = SELECTS | GROUPS | PICKERS | {"button", "overflow", "workflow_button"}
INPUTS = (
    SELECTS
    | GROUPS
    | PICKERS
    | {
        "plain_text_input",
        "rich_text_input",
        "email_text_input",
        "number_input",
        "url_text_input",
        "file_input",
    }
)

ELEMENT_SURFACES = {
    "email_text_input": FORMS,
    "number_input": FORMS,
    "url_text_input": FORMS,
    "file_input": FORMS,
    "rich_text_input": FORMS_AND_HOME,
}

BLOCK_SURFACES = {
    "actions": EVERYWHERE,
    "alert": FORMS,
    "carousel": MESSAGES_AND_HOME,
    "container": MESSAGES_AND_HOME,
    "context": EVERYWHERE,
    "data_table": MESSAGES_AND_HOME,
    "data_visualization": MESSAGES,
    "divider": EVERYWHERE,
    "header": EVERYWHERE,
    "image": EVERYWHERE,
    "input": EVERYWHERE,
    "markdown": MESSAGES,
    "rich_text": EVERYWHERE,
    "section": EVERYWHERE,
    "table": MESSAGES_AND_HOME,
}

"""What a person reads on a form, a message or Home, as one text."""

from bot.sandbox import Person
from bot.sandbox.finding import words_of


def form_words(person: Person) -> str:
    """Every word of the form in front."""
    assert person.view is not None, f"{person} has no form open"
    return words_of(person.view.view)


def title(person: Person) -> str:
    """The title of the form in front."""
    assert person.view is not None, f"{person} has no form open"
    return str(person.view.view["title"]["text"])


async def hears(person: Person, *parts: str) -> str:
    """Waits for a direct message of the app with all these parts and returns its words."""

    def heard() -> str:
        said = (message.words for message in person.messages())
        return next((words for words in said if all(part in words for part in parts)), "")

    return await person.until(heard)

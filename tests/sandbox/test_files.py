"""Files: attached in a form, uploaded by the app, downloaded only with its token."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack
from tests.sandbox.bots import RecordingBot, field, modal


async def test_a_file_attached_in_a_form_can_be_downloaded_with_the_token(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me")
    form = modal(field("List", "list", {"type": "file_input", "filetypes": ["csv"]}))
    await api.views_open(trigger_id=bot.forms[0]["trigger_id"], view=form)
    await dana.upload("List", "people.csv", b"email\nann@x.example\n")
    assert await dana.submit() == {}
    [attached] = bot.payloads[-1]["view"]["state"]["values"]["list"]["typed"]["files"]
    assert (attached["name"], attached["size"]) == ("people.csv", 20)
    assert (await api.files_info(file=attached["id"]))["file"]["user"] == dana.id
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        async with http.get(attached["url_private_download"], headers=headers) as response:
            assert await response.read() == b"email\nann@x.example\n"
        async with http.get(attached["url_private_download"]) as response:
            assert response.content_type == "text/html"


async def test_the_app_uploads_in_two_steps(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    uploaded = await api.files_upload_v2(
        channel=dana.dm.id, filename="summary.csv", content="a,b\n", title="Summary", initial_comment="Here"
    )
    [message] = dana.messages()
    assert message.text == "Here"
    assert [file["title"] for file in message.files] == ["Summary"]
    assert (await api.files_info(file=uploaded["file"]["id"]))["file"]["size"] == 4


async def test_an_upload_that_was_not_finished_is_no_file(slack: LocalSlack, api: AsyncWebClient) -> None:
    begun = await api.files_getUploadURLExternal(filename="a.txt", length=1)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await api.files_info(file=str(begun["file_id"]))
    with pytest.raises(SlackApiError, match="file_not_found"):
        await api.files_completeUploadExternal(files=[{"id": str(begun["file_id"])}])
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await api.files_getUploadURLExternal(filename="a.txt", length=0)


async def test_a_form_takes_only_the_files_it_asks_for(
    slack: LocalSlack, api: AsyncWebClient, bot: RecordingBot
) -> None:
    dana = slack.person("dana")
    await dana.command("/help-me")
    form = modal(field("List", "list", {"type": "file_input", "filetypes": ["csv"], "max_files": 1}))
    view = (await api.views_open(trigger_id=bot.forms[0]["trigger_id"], view=form))["view"]
    await dana.upload("List", "people.exe", b"x")
    assert await dana.submit() == {"List": "Please choose a file of this type: csv."}
    await api.views_update(
        view_id=view["id"], view=modal(field("List", "again", form["blocks"][0]["element"]))
    )
    await dana.upload("List", "a.csv", b"x")
    await dana.upload("List", "b.csv", b"x")
    assert await dana.submit() == {"List": "You can choose at most 1."}
    with pytest.raises(ValueError, match="10 MB"):
        await dana.upload("List", "big.csv", b"x" * (10 * 1024 * 1024 + 1))


async def test_the_page_opens_a_file_that_the_app_uploaded(slack: LocalSlack, api: AsyncWebClient) -> None:
    dana = slack.person("dana")
    await api.files_upload_v2(channel=dana.dm.id, filename="Größe a.csv", content="a,b\n", title="Sizes")
    async with aiohttp.ClientSession(slack.core.base_url) as http:
        async with http.get("/page/state", params={"as": dana.id}) as response:
            [message] = (await response.json())["conversations"][dana.dm.id]
        async with http.get(message["files"][0]["page_url"]) as response:
            assert response.content_disposition is not None
            assert response.content_disposition.filename == "Größe a.csv"
            assert await response.read() == b"a,b\n"
        async with http.get("/page/files/F0") as response:
            assert response.status == 404

from pathlib import Path

import httpx

from monitor.demo.zoo import open_zoo


async def test_everything_listens_somewhere_of_its_own(tmp_path: Path):
    async with open_zoo(tmp_path) as zoo:
        assert len(set(zoo.addresses.values())) == len(zoo.addresses)
        assert Path(zoo.ca).exists()
        assert Path(zoo.client).exists()
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{zoo.addresses['http']}/healthy")
    assert answer.text == "ok\n"

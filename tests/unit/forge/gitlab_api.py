"""GitLab as `server` serves it: merge request 3 of project 42, a fork's of project 99."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.unit.forge.server import Reply, Seen, match, page_of

TOKEN = "glpat-" + "Ab12Cd34Ef56Gh78"
JOB = "glcbt-" + "64_Zz99Yy88Xx77"
HEAD = "d00d" + "2" * 36
BOT = 501
_GONE = Reply(404, {"message": "404 Not found"})


@dataclass
class GitLabApi:
    notes: list[dict[str, Any]] = field(default_factory=list)
    jobs_may_write: bool = False

    def add(self, body: str, author: int = BOT) -> dict[str, Any]:
        one = {"id": 900 + len(self.notes), "body": body, "author": {"id": author}, "system": False}
        self.notes.append(one)
        return one

    def answer(self, seen: Seen, base: str) -> Reply:
        person = seen.headers.get("private-token") == TOKEN
        job = seen.headers.get("job-token") == JOB
        if not (person or job):
            return Reply(401, {"message": "401 Unauthorized"})
        if seen.line == "GET /api/v4/user" and person:
            return Reply(200, {"id": BOT, "username": "project_42_bot"})
        if seen.line == "GET /api/v4/job" and job:
            return Reply(200, {"id": 1, "user": {"id": 77}})
        if job and not self.jobs_may_write:
            return _GONE
        if match(r"GET /api/v4/projects/42/merge_requests/3", seen):
            return Reply(200, {"iid": 3, "sha": HEAD})
        if match(r"GET /api/v4/projects/42/merge_requests/3/notes", seen):
            return page_of(self.notes, seen, base)
        if match(r"POST /api/v4/projects/42/merge_requests/3/notes", seen):
            return Reply(201, self.add(seen.body["body"], BOT if person else 77))
        if found := match(r"PUT /api/v4/projects/42/merge_requests/3/notes/(\d+)", seen):
            one = next((one for one in self.notes if one["id"] == int(found[1])), None)
            if one is None:
                return _GONE
            one["body"] = seen.body["body"]
            return Reply(200, one)
        return _GONE

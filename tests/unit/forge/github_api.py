"""GitHub as `server` serves it: one repository, acme/shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.unit.forge.server import Reply, Seen, match, page_of

BOT = "github-actions[bot]"
TOKEN = "ghs_" + "AbCdEfGh1234" * 3
PERSON = "ghp_" + "ZyXwVuTs9876" * 3
READER = "ghs_" + "ReadOnly5555" * 3
OLD = "ghs_" + "Expired00000" * 3
HEAD = "c0ffee" + "0" * 34
FORK_HEAD = "beef" + "1" * 36
LIMIT = 65_536
_NOT_ALLOWED = {"message": "Resource not accessible by integration", "status": "403"}
_GONE = Reply(404, {"message": "Not Found", "status": "404"})


@dataclass
class GitHubApi:
    """Pull requests by number with their heads, and comments. ``viewer`` is how GraphQL names a token's owner."""

    pulls: dict[int, tuple[str, str]] = field(
        default_factory=lambda: {7: ("acme:feature", HEAD), 8: ("mallory:patch-1", FORK_HEAD)}
    )
    comments: list[dict[str, Any]] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=lambda: {TOKEN: BOT, PERSON: "octo", READER: BOT})
    viewer: dict[str, str] = field(default_factory=dict)
    graphql: bool = True
    limit: int = LIMIT

    def add(self, body: str, login: str = BOT, number: int = 7) -> dict[str, Any]:
        one = {
            "id": 1_000_000_000_000 + len(self.comments),
            "body": body,
            "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
            "html_url": f"https://github.com/acme/shop/pull/{number}#issuecomment-{len(self.comments)}",
            "issue": number,
        }
        self.comments.append(one)
        return one

    def answer(self, seen: Seen, base: str) -> Reply:
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        owner = self.owners.get(token)
        if owner is None:
            return Reply(401, {"message": "Bad credentials", "status": "401"})
        if seen.line in ("POST /graphql", "POST /api/graphql"):
            if not self.graphql:
                return _GONE
            return Reply(200, {"data": {"viewer": {"login": self.viewer.get(token, owner)}}})
        path = seen.path.removeprefix("/api/v3")
        return self._rest(Seen(seen.method, path, seen.query, seen.headers, seen.body), seen, owner, token, base)

    def _rest(self, seen: Seen, asked: Seen, owner: str, token: str, base: str) -> Reply:
        if seen.line == "GET /user":
            return Reply(403, _NOT_ALLOWED) if owner.endswith("[bot]") else Reply(200, {"login": owner})
        if found := match(r"GET /repos/acme/shop/pulls/(\d+)", seen):
            return self._pull(int(found[1]))
        if seen.line == "GET /repos/acme/shop/pulls":
            wanted = [n for n, (head, _) in self.pulls.items() if head == seen.query.get("head", head)]
            return page_of([self._pull(number).body for number in wanted], asked, base)
        if found := match(r"(GET|POST) /repos/acme/shop/issues/(\d+)/comments", seen):
            number = int(found[2])
            if number not in self.pulls:
                return _GONE
            if found[1] == "GET":
                return page_of([one for one in self.comments if one["issue"] == number], asked, base)
            refused = self._refused(seen, token)
            return refused or Reply(201, self.add(seen.body["body"], owner, number))
        if found := match(r"PATCH /repos/acme/shop/issues/comments/(\d+)", seen):
            one = next((one for one in self.comments if one["id"] == int(found[1])), None)
            if one is None:
                return _GONE
            refused = self._refused(seen, token)
            if refused is None:
                one["body"] = seen.body["body"]
            return refused or Reply(200, one)
        return _GONE

    def _pull(self, number: int) -> Reply:
        if number not in self.pulls:
            return _GONE
        return Reply(200, {"number": number, "state": "open", "head": {"sha": self.pulls[number][1]}})

    def _refused(self, seen: Seen, token: str) -> Reply | None:
        if token == READER:
            return Reply(403, _NOT_ALLOWED)
        if len(seen.body["body"]) > self.limit:
            error = {"resource": "IssueComment", "field": "body", "code": "custom"}
            message = f"body is too long (maximum is {self.limit} characters)"
            return Reply(422, {"message": "Validation Failed", "errors": [{**error, "message": message}]})
        return None

"""What people and programs do to a Nacos, over its HTTP interface: MCP servers, versions, naming instances, namespaces."""

import http.client
import json
import threading
import urllib.parse
import uuid

from harness import HarnessError


class Refused(HarnessError):
    """Nacos answered, and not with what was asked for."""

    def __init__(self, what, status, text):
        super().__init__(f"{what}: {status} {text[:400]}")
        self.status, self.text = status, text


def direct(url):
    """The endpoint of a server whose address stands in the registry itself."""
    parts = urllib.parse.urlsplit(url)
    return {"type": "DIRECT", "data": {"address": parts.hostname, "port": str(parts.port)}}


def ref(service, group="DEFAULT_GROUP", namespace="public", transport=None):
    """The endpoint of a server whose instances are those of a naming service."""
    data = {"namespaceId": namespace, "groupName": group, "serviceName": service}
    return {"type": "REF", "data": {**data, "transportProtocol": transport} if transport else data}


class Registry:
    """One namespace of a Nacos. A connection a thread is kept open, since the time of answers is measured."""

    def __init__(self, server, namespace="public", user=None, password=None):
        self.server, self.namespace, self.user, self.password = server, namespace, user, password
        self._local, self._token = threading.local(), None

    def _send(self, method, path, body):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        if self._token:
            headers["accessToken"] = self._token
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            if not connection:
                connection = self._local.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (http.client.HTTPException, ConnectionError, BrokenPipeError):
                # An idle connection that the server has closed, or a server that was started anew.
                connection.close()
                self._local.connection = None
                if attempt == 2:
                    raise

    def call(self, method, path, login=True, **parameters):
        """GET and DELETE by query, POST and PUT by form. Gives `data` where Nacos wraps its answer, else what it says."""
        text = urllib.parse.urlencode({k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)
                                       for k, v in parameters.items() if v is not None})
        in_query = method in ("GET", "DELETE")
        target = "/nacos" + path + (f"?{text}" if in_query and text else "")
        status, said = self._send(method, target, None if in_query else text)
        if status == 403 and self.user and login:
            self._token = None
            self._token = self.call("POST", "/v3/auth/user/login", False, username=self.user, password=self.password)["accessToken"]
            return self.call(method, path, False, **parameters)
        if status != 200:
            raise Refused(f"{method} {path}", status, said)
        try:
            value = json.loads(said)
        except ValueError:
            return said
        if isinstance(value, dict) and "code" in value and "data" in value:
            if value["code"] != 0:
                raise Refused(f"{method} {path}", status, said)
            return value["data"]
        return value

    # ---- namespaces ----

    def create_namespace(self, name):
        self.call("POST", "/v3/admin/core/namespace", namespaceId=name, namespaceName=name, namespaceDesc="of a test")

    # ---- the MCP registry ----

    def _specification(self, name, version, protocol, path, description, front, more):
        remote = None if protocol == "stdio" else {"exportPath": path}
        if remote is not None and front:
            remote["frontEndpointConfigList"] = front
        return {"name": name, "protocol": protocol, "frontProtocol": protocol, "description": description,
                "versionDetail": {"version": version}, "remoteServerConfig": remote, "enabled": True, **more}

    def publish(self, name, endpoint, version="1.0.0", protocol="mcp-streamable", path="/mcp", description="of a test",
                tools=None, front=None, **more):
        """Creates a server; gives its id. `tools`: {name: enabled}."""
        return self.call("POST", "/v3/admin/ai/mcp", mcpName=name, namespaceId=self.namespace,
                         serverSpecification=self._specification(name, version, protocol, path, description, front, more),
                         toolSpecification=_tools(tools), endpointSpecification=endpoint)

    def update(self, name, endpoint, version, latest=True, protocol="mcp-streamable", path="/mcp", description="of a test",
               tools=None, front=None, **more):
        """Changes a version or adds one; `latest` publishes it, else it is a draft."""
        return self.call("PUT", "/v3/admin/ai/mcp", mcpName=name, namespaceId=self.namespace, latest=latest,
                         serverSpecification=self._specification(name, version, protocol, path, description, front, more),
                         toolSpecification=_tools(tools), endpointSpecification=endpoint)

    def delete(self, name):
        return self.call("DELETE", "/v3/admin/ai/mcp", mcpName=name, namespaceId=self.namespace)

    def detail(self, name, version=None):
        return self.call("GET", "/v3/admin/ai/mcp", mcpName=name, namespaceId=self.namespace, version=version)

    def addresses(self, name):
        return {(e["address"], e["port"]) for e in self.detail(name)["backendEndpoints"] or []}

    def servers(self):
        """How many Nacos lists; 0 while it knows of a document that it cannot read yet, for which it refuses the whole page."""
        try:
            # As many on a page as the router asks for: a shorter one may be given where that is refused.
            return self.call("GET", "/v3/admin/ai/mcp/list", namespaceId=self.namespace, pageNo=1, pageSize=100)["totalCount"]
        except Refused as refused:
            if refused.status == 400 and 'content\\" is null' in refused.text:
                return 0
            raise

    # ---- naming ----

    def create_service(self, service, group="DEFAULT_GROUP"):
        return self.call("POST", "/v3/admin/ns/service", namespaceId=self.namespace, serviceName=service, groupName=group, ephemeral=False)

    def register(self, service, port, group="DEFAULT_GROUP", host="127.0.0.1", **more):
        """A persistent instance: it stays until it is removed, and Nacos looks whether its port answers."""
        return self.call("POST", "/v3/admin/ns/instance", namespaceId=self.namespace, serviceName=service, groupName=group,
                         ip=host, port=port, ephemeral=False, healthy=True, **more)

    def deregister(self, service, port, group="DEFAULT_GROUP", host="127.0.0.1"):
        return self.call("DELETE", "/v3/admin/ns/instance", namespaceId=self.namespace, serviceName=service, groupName=group,
                         ip=host, port=port, ephemeral=False)

    def instances(self, service, group="DEFAULT_GROUP"):
        return self.call("GET", "/v3/client/ns/instance/list", namespaceId=self.namespace, serviceName=service, groupName=group)

    # ---- config ----

    def publish_config(self, data_id, group, content, **more):
        for attempt in range(5):
            try:
                return self.call("POST", "/v3/admin/cs/config", namespaceId=self.namespace, dataId=data_id, groupName=group,
                                 content=json.dumps(content), type="json", **more)
            except Refused as refused:
                # Nacos' own database lets two writers wait for each other, and ends one of them.
                if attempt == 4 or "A lock could not be obtained" not in refused.text:
                    raise

    def publish_documents(self, name, service_ref, version="1.0.0", path="/mcp", description="of a test", id=None):
        """A server as Nacos stores it, written as the two documents themselves: a tenth of the time of publish(). Gives its id."""
        id = id or str(uuid.uuid4())
        common = {"id": id, "name": name, "protocol": "mcp-streamable", "frontProtocol": "mcp-streamable", "description": description,
                  "enabled": True, "status": "active", "capabilities": ["TOOL"]}
        dated = {"version": version, "release_date": "2026-01-01T00:00:00Z", "is_latest": True}
        remote = {"serviceRef": service_ref["data"], "exportPath": path}
        self.publish_config(f"{id}-{version}-mcp-server.json", "mcp-server", {**common, "versionDetail": dated, "remoteServerConfig": remote},
                            appName=name)
        self.publish_config(f"{id}-mcp-versions.json", "mcp-server-versions", {**common, "latestPublishedVersion": version, "versionDetails": [dated]},
                            appName=name, configTags=f"nacos.internal.config=mcp,mcpServerName={name}")
        return id

    def shows(self, name):
        try:
            return bool(self.detail(name))
        except Refused as refused:
            if refused.status == 404:
                return False
            raise


def _tools(tools):
    if tools is None:
        return None
    return {"tools": [{"name": name, "description": f"the tool {name}", "inputSchema": {"type": "object", "properties": {}}} for name in tools],
            "toolsMeta": {name: {"enabled": enabled, "templates": {}} for name, enabled in tools.items()}}

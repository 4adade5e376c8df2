"""An MCP server that registers itself with Nacos, as nacos-mcp-wrapper-python's users write them.

    mcp_server.py NACOS-ADDRESS NAMESPACE NAME PORT [sse|streamable-http] [VERSION]
"""

import sys

from nacos_mcp_wrapper.server.nacos_mcp import NacosMCP
from nacos_mcp_wrapper.server.nacos_settings import NacosSettings

address, namespace, name, port = sys.argv[1:5]
transport, version = (sys.argv[5:] + ["streamable-http", "1.0.0"][len(sys.argv) - 5:])[:2]
settings = NacosSettings(SERVER_ADDR=address, NAMESPACE=namespace, SERVICE_IP="127.0.0.1")
mcp = NacosMCP(name, nacos_settings=settings, port=int(port), version=version)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers"""
    return a + b


@mcp.tool()
def who() -> str:
    """Says which instance answers"""
    return port


mcp.run(transport=transport)

"""Registers an instance by nacos-sdk-python, over gRPC, and keeps it until this process ends.

    register_grpc.py NACOS-ADDRESS NAMESPACE GROUP SERVICE PORT [KEY=VALUE of the metadata]...
"""

import asyncio
import sys

from v2.nacos import ClientConfigBuilder, NacosNamingService, RegisterInstanceParam


async def main():
    address, namespace, group, service, port, *metadata = sys.argv[1:]
    client = await NacosNamingService.create_naming_service(
        ClientConfigBuilder().server_address(address).namespace_id(namespace).build())
    done = await client.register_instance(RegisterInstanceParam(
        service_name=service, group_name=group, ip="127.0.0.1", port=int(port), metadata=dict(m.split("=", 1) for m in metadata)))
    print("registered" if done else "refused", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())

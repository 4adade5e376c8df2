"""Registers many services at once by nacos-sdk-python, each with the same instances, and keeps them until this process ends.

    register_many.py NACOS-ADDRESS NAMESPACE GROUP PREFIX COUNT PORT...
"""

import asyncio
import sys

from v2.nacos import BatchRegisterInstanceParam, ClientConfigBuilder, NacosNamingService, RegisterInstanceParam


async def main():
    address, namespace, group, prefix, count, *ports = sys.argv[1:]
    client = await NacosNamingService.create_naming_service(
        ClientConfigBuilder().server_address(address).namespace_id(namespace).build())
    limit = asyncio.Semaphore(16)

    async def one(name):
        async with limit:
            instances = [RegisterInstanceParam(service_name=name, group_name=group, ip="127.0.0.1", port=int(p)) for p in ports]
            if not await client.batch_register_instances(BatchRegisterInstanceParam(service_name=name, group_name=group, instances=instances)):
                raise SystemExit(f"{name} was refused")

    await asyncio.gather(*[one(f"{prefix}{n:05}") for n in range(int(count))])
    print("registered", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())

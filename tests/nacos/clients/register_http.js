// Registers an instance by the client of Nacos' first HTTP interface, and sends its heartbeats until this process ends.
//
//   register_http.js NACOS-ADDRESS NAMESPACE GROUP SERVICE PORT [KEY=VALUE of the metadata]...
"use strict";

const { NacosNamingClient } = require("nacos");

async function main() {
  const [address, namespace, group, service, port, ...metadata] = process.argv.slice(2);
  const quiet = { ...console, info() {}, debug() {} };
  const client = new NacosNamingClient({ logger: quiet, serverList: address, namespace });
  await client.ready();
  const instance = { ip: "127.0.0.1", port: Number(port), ephemeral: true };
  instance.metadata = Object.fromEntries(metadata.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));
  await client.registerInstance(service, instance, group);
  console.log("registered");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

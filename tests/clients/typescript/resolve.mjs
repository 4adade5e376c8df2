// Packages stand in the cache of tests/tools/install.sh, not beside these scripts.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tools = process.env.MCPR_TOOLS ?? join(import.meta.dirname, '../../../build/test-tools');
const require = createRequire(pathToFileURL(join(tools, 'node/package.json')));

export async function tool(name) {
  return import(pathToFileURL(require.resolve(name)));
}

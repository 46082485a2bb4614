// Serves the large platform in a process of its own, so that serving costs the measured program neither time nor memory.
import { createApiServer } from '../dist/apiserver/server.js';
import { largePlatform } from './platform.js';

const [orgs, crewsPerOrg] = process.argv.slice(2).map(Number);
const server = createApiServer({
  objects: await largePlatform({ orgs, crewsPerOrg }),
  anonymous: { user: 'bench', groups: ['system:masters', 'system:authenticated'] },
});
const url = await server.listen();
let counted = 0;
process.on('message', (message) => {
  if (message === 'close') void server.close().then(() => process.disconnect());
  // The requests since the last time.
  if (message === 'requests') {
    process.send({ requests: server.requests.slice(counted) });
    counted = server.requests.length;
  }
});
process.send({ url });

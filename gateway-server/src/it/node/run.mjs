// Runs pairs of clients and servers from the npm registry through a gateway, while their server is killed and started
// anew. One line a pair on stdout. Exit code: 0 all is well, 1 something is not, 2 wrong usage, 75 the packages can't be
// had now. README.md tells more.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { play } from './stage.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(here, '../../../target');
const pairs = ['json-rpc', 'ocpp-j', 'graphql-ws'];
const COPIED = ['package.json', 'package-lock.json', 'pairs'];
const USAGE = 'node run.mjs [--pair NAME]… [--kills N] [--requests N] [--clients N] [--seed N] [--work DIR] [--direct] [-- GATEWAY…]';

/** What npm says when it can't reach the registry. Anything else is a fault of ours. */
const OFFLINE = /code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED|E5\d\d)/;

/** Installs what the lock file says and nothing else; without a network that is known within seconds. */
const NPM = [
    'ci',
    '--omit=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
];

/** How long it may take to install some fifty packages. */
const NPM_MS = 180_000;

class OfflineError extends Error {}

function options() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            pair: { type: 'string', multiple: true, default: pairs },
            kills: { type: 'string', default: '8' },
            requests: { type: 'string', default: '400' },
            clients: { type: 'string', default: '3' },
            seed: { type: 'string', default: String(Date.now() % 1_000_000) },
            work: { type: 'string', default: join(target, 'npm-peers') },
            direct: { type: 'boolean', default: false },
        },
    });
    const unknown = values.pair.find(name => !pairs.includes(name));
    if (unknown) {
        throw new Error(`--pair: ${unknown} (expected: one of ${pairs.join(', ')})`);
    }
    const count = name => {
        const number = Number(values[name]);
        if (!Number.isInteger(number) || number < 0) {
            throw new Error(`--${name}: ${values[name]} (expected: a whole number)`);
        }
        return number;
    };
    const jar = ['java', '-jar', join(target, 'gateway-server.jar')];
    return {
        pairs: values.pair,
        kills: values.direct ? 0 : count('kills'),
        requests: count('requests'),
        clients: Math.max(1, count('clients')),
        seed: count('seed'),
        work: resolve(values.work),
        gateway: values.direct ? null : positionals.length > 0 ? positionals : jar,
    };
}

/** Has the packages in `work`, exactly as the lock file says, and the scripts that need them beside. */
function install(work) {
    const lock = join(work, 'package-lock.json');
    const installed =
        existsSync(join(work, 'node_modules', '.package-lock.json'))
        && existsSync(lock)
        && readFileSync(lock).equals(readFileSync(join(here, 'package-lock.json')));
    mkdirSync(work, { recursive: true });
    if (!installed) {
        // The lock last: it says that what it names is there.
        cpSync(join(here, 'package.json'), join(work, 'package.json'));
        cpSync(join(here, 'package-lock.json'), lock);
        const npm = spawnSync('npm', NPM, {
            cwd: work,
            encoding: 'utf8',
            // A registry that drops packets lets nobody know.
            timeout: NPM_MS,
        });
        if (npm.status !== 0) {
            const said = npm.error ? npm.error.message : npm.stderr.trim();
            throw new (npm.error || OFFLINE.test(said) ? OfflineError : Error)(`npm ci: ${said}`);
        }
    }
    for (const each of COPIED) {
        cpSync(join(here, each), join(work, each), { recursive: true });
    }
}

async function main() {
    let chosen;
    try {
        chosen = options();
    } catch (e) {
        console.error(`${e.message}\n${USAGE}`);
        return 2;
    }
    try {
        install(chosen.work);
    } catch (e) {
        console.error(e.message);
        return e instanceof OfflineError ? 75 : 1;
    }
    console.log(`seed ${chosen.seed}`);
    let failed = false;
    for (const name of chosen.pairs) {
        const pair = await import(pathToFileURL(join(chosen.work, 'pairs', `${name}.mjs`)));
        try {
            console.log(`${name.padEnd(12)} ok: ${await play(name, pair, chosen)}`);
        } catch (e) {
            failed = true;
            console.log(`${name.padEnd(12)} FAILED: ${e.message}`);
            console.error(e.stack);
        }
    }
    return failed ? 1 : 0;
}

process.exit(await main());

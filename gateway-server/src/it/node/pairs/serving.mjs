// What the servers have in common. Their command line: the port, how many runs of the server there were before, and the
// file for what ran, a line each, written at once so that no kill loses it.

import { appendFileSync } from 'node:fs';

const [, , portText, bootText, log] = process.argv;

export const port = Number(portText);
export const boot = Number(bootText);

process.on('disconnect', () => process.exit());

export function ready() {
    process.send('ready');
}

export function ran(key) {
    appendFileSync(log, `${key}\n`);
}

export function gotWrongReply(what) {
    appendFileSync(log, `wrong ${what}\n`);
}

/** Lets a kill come between a request and its reply. */
export function delay() {
    return new Promise(done => setTimeout(done, Math.random() * 40));
}

export function mirrored(text) {
    return [...text].reverse().join('');
}

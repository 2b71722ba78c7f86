// SPDX-License-Identifier: Apache-2.0
/** `posthaste sink`: the test receiver as a program, for trying what an application sends and how a relay copes. */
import type { Command } from 'commander'
import { namedTemperaments } from '../../sink/named-temperaments.ts'
import { runSink } from '../../sink/run-sink.ts'
import { wholeNumber } from '../arguments.ts'
import type { Shell } from '../shell.ts'

const HELP = `
The local-part of a recipient picks what happens to it, also as tempfail+anything@:
  ok                    accepted, as every other name
  tempfail              451 4.3.0 at RCPT
  permfail, unknown     550 5.1.1
  full                  552 5.2.2
  greylist              450 4.7.1 until the same is tried again 2 s later
  throttle-421          421 above 2 a second
  slow                  the answer to the content takes 5 s
  hang                  no answer
  flood, nonsense       an answer of 100,000 octets, or one that is none
  drop-in-data          closes in the middle of the content
  drop-after-dot        closes instead of answering the content
  no-starttls           taken in clear only
  lie-about-pipelining  forgets what was sent ahead

Temperaments, for all recipients: ${Object.keys(namedTemperaments).join(', ')}.`

interface SinkFlags {
  readonly port: number
  readonly listen: string
  readonly tls?: true
  readonly temperament: string
  readonly keep?: string
  readonly countOnly?: true
}

export function define(command: Command, shell: Shell): void {
  command
    .option('--port <number>', 'port; 0 is a free one', wholeNumber(0, 65_535), 2526)
    .option('--listen <address>', 'local address', '127.0.0.1')
    .option('--tls', 'offer STARTTLS, with a self-signed certificate')
    .option('--temperament <name>', 'how the whole server behaves', 'generous')
    .option('--keep <directory>', 'write accepted content to files')
    .option('--count-only', 'print the summary alone')
    .addHelpText('after', HELP)
    .action(async (flags: SinkFlags) => {
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const options = {
        address: flags.listen,
        port: flags.port,
        tls: flags.tls ?? false,
        temperament: flags.temperament,
        keep: flags.keep ?? null,
        countOnly: flags.countOnly ?? false,
        json: shell.terminal.isJson,
      }
      await runSink(options, (line) => shell.terminal.line(line), stop.signal)
    })
}

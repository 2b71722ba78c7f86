// SPDX-License-Identifier: Apache-2.0
/** Postfix's own test server, a receiver of another school. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { RunningServer } from '../running-server.ts'
import type { ReceiverPeer } from './receiver.ts'

export const smtpSink: ReceiverPeer = {
  name: 'smtp-sink',
  origin: { debian: ['postfix', 'libsasl2-modules'] },
  async open(unpacked, { folder }) {
    const port = await freePort()
    const mail = join(folder, 'mail')
    mkdirSync(mail)
    // It gives up root, and must still write here.
    chmodSync(mail, 0o777)
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
    const program = unpacked.path('usr/sbin/smtp-sink')
    const server = await RunningServer.start(folder, {
      command: [program, ...user, '-d', join(mail, '%M.'), `127.0.0.1:${port}`, '10'],
      environment: unpacked.environment,
      port,
    })
    return {
      port,
      clearPort: port,
      /** Files with the line ends of the system, under fields with the envelope and over a blank line. */
      kept: () =>
        readdirSync(mail).map((name) => contentOf(readFileSync(join(mail, name), 'latin1'))),
      gaps: {
        refused: {
          evidence: 'usr/share/man/man1/smtp-sink.1.gz',
          unless: /(?:reject|refuse)[^.]*recipient/i,
          says: 'its manual: it refuses each RCPT or none',
        },
      },
      log: () => server.log(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}

function contentOf(file: string): Buffer {
  return Buffer.from(file.replace(/\n\n$/, '\n').replaceAll('\n', '\r\n'), 'latin1')
}

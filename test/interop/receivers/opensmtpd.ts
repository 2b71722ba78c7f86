// SPDX-License-Identifier: Apache-2.0
/** OpenSMTPD, whose users and places are compiled in. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Unpacked } from '../packages.ts'
import { within } from '../private-system.ts'
import { RunningServer } from '../running-server.ts'
import type { ReceiverPeer } from './receiver.ts'

/** Of the daemon and of its queue. */
const USERS = ['opensmtpd', 'opensmtpq']

export const openSmtpd: ReceiverPeer = {
  name: 'OpenSMTPD',
  origin: { debian: ['opensmtpd', 'openssl'] },
  needsRoot: true,
  async open(unpacked, place) {
    const port = await freePort()
    const clearPort = await freePort()
    const configuration = join(place.folder, 'smtpd.conf')
    const refused = place.domains.map(
      (domain) =>
        `match from any for domain "${domain}" rcpt-to "${place.unknown}@${domain}" reject\n`,
    )
    const taken = place.domains.map(
      (domain) => `match from any for domain "${domain}" action store\n`,
    )
    writeFileSync(
      configuration,
      `pki here cert "${place.certificateFile}"
pki here key "${place.keyFile}"
listen on 127.0.0.1 port ${port} tls pki here hostname opensmtpd.localhost
listen on 127.0.0.1 port ${clearPort} hostname opensmtpd.localhost
action store relay host smtp://127.0.0.1:${place.storePort}
${refused.join('')}${taken.join('')}`,
    )
    const system = {
      folder: place.folder,
      users: USERS,
      emptied: ['/var/spool', '/run', '/var/lib'],
    }
    for (const empty of ['var/lib/opensmtpd/empty', 'var/spool/smtpd']) {
      mkdirSync(join(place.folder, 'over', empty), { recursive: true })
      chmodSync(join(place.folder, 'over', empty), 0o711)
    }
    const server = await RunningServer.start(place.folder, {
      command: within(system, [unpacked.path('usr/sbin/smtpd'), '-d', '-v', '-f', configuration]),
      environment: unpacked.environment,
      port: clearPort,
    })
    return {
      port,
      clearPort,
      kept: null,
      gaps: {
        // Of version 6.8 with OpenSSL 3 (2022, OpenSMTPD#1171). All other cells go through that port in the clear.
        STARTTLS: {
          evidence: () => handshake(unpacked, port),
          unless: /fine/,
          says: 'it offers STARTTLS and fails at the handshake, with openssl s_client too',
        },
      },
      log: () => server.log(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}

/** What OpenSSL's own client makes of STARTTLS there. */
async function handshake(unpacked: Unpacked, port: number): Promise<string> {
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-starttls', 'smtp']
  const { environment } = unpacked
  const { stdout, stderr } = await runProgram(unpacked.program('usr/bin/openssl'), words, {
    environment,
  })
  return (stdout + stderr).includes('alert internal error') ? 'broken' : 'fine'
}

// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import { type ClientPeer, modes } from './client.ts'

export const swaks: ClientPeer = {
  name: 'swaks',
  origin: { debian: ['swaks', 'libnet-ssleay-perl', 'libauthen-sasl-perl'] },
  gaps: gapsIn('usr/share/man/man1/swaks.1.gz', {
    SCRAM: /SCRAM/i,
    '8BITMIME': /8BITMIME/i,
    SMTPUTF8: /SMTPUTF8/i,
    DSN: /\bDSN\b|--notify/i,
    CHUNKING: /CHUNKING|BDAT/i,
  }),
  async open(unpacked, access) {
    const file = join(access.folder, 'swaks.eml')
    return {
      async submit({ mode, sender, recipients, content }) {
        // What it writes ends in a line end of its own.
        writeFileSync(file, content.subarray(0, -2))
        const { tls, mechanism } = modes[mode]
        const args = [
          '--server',
          'localhost',
          '--port',
          `${access.portOf(mode)}`,
          '--ehlo',
          'client.example',
        ]
        args.push('--from', sender, '--to', recipients.join(','), '--data', `@${file}`)
        if (tls !== 'clear') {
          const option = tls === 'starttls' ? '--tls' : '--tls-on-connect'
          args.push(option, '--tls-ca-path', access.certificateFile)
        }
        if (mechanism !== null) {
          args.push('--auth', mechanism, '--auth-user', access.userNameOf(mode))
          args.push('--auth-password', access.secretOf(mode))
        }
        const { environment } = unpacked
        const { code, stdout, stderr } = await runProgram(
          'perl',
          [unpacked.path('usr/bin/swaks'), ...args],
          {
            environment,
          },
        )
        return { isGood: code === 0, log: `${stdout.replaceAll(/^ -> .*\n/gm, '')}${stderr}` }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import type { Unpacked } from '../packages.ts'
import { type ClientPeer, modes } from './client.ts'

const features = async (unpacked: Unpacked): Promise<string> => {
  const { environment } = unpacked
  const program = unpacked.program('usr/bin/curl')
  return (await runProgram(program, ['--version'], { environment })).stdout
}

export const curl: ClientPeer = {
  name: 'curl',
  origin: { debian: ['curl', 'libcurl4'] },
  gaps: {
    ...gapsIn('usr/share/man/man1/curl.1.gz', {
      '8BITMIME': /8BITMIME/i,
      DSN: /\bDSN\b|NOTIFY=/i,
      CHUNKING: /BDAT/i,
    }),
    SCRAM: {
      evidence: features,
      unless: /gsasl/i,
      says: 'it is built without GSASL: curl --version',
    },
  },
  async open(unpacked, access) {
    const file = join(access.folder, 'curl.eml')
    return {
      async submit({ mode, sender, recipients, content }) {
        writeFileSync(file, content)
        const { tls, mechanism } = modes[mode]
        const scheme = tls === 'implicit' ? 'smtps' : 'smtp'
        const args = ['--silent', '--show-error', '--verbose', '--upload-file', file]
        args.push(
          '--url',
          `${scheme}://localhost:${access.portOf(mode)}/client.example`,
          '--mail-from',
          sender,
        )
        // As one does who has more than one recipient: a refused one does not stop the others.
        args.push('--mail-rcpt-allowfails')
        for (const recipient of recipients) args.push('--mail-rcpt', recipient)
        if (tls !== 'clear') args.push('--ssl-reqd', '--cacert', access.certificateFile)
        if (mechanism !== null) {
          args.push('--user', `${access.userNameOf(mode)}:${access.secretOf(mode)}`)
          args.push('--login-options', `AUTH=${mechanism}`)
        }
        const { environment } = unpacked
        const { code, stderr } = await runProgram(unpacked.program('usr/bin/curl'), args, {
          environment,
        })
        return { isGood: code === 0, log: stderr }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

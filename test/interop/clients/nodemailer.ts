// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createTransport } from 'nodemailer'
import { messageOf } from '../../../src/base/errors.ts'
import { gapsIn } from '../gap.ts'
import { type ClientPeer, modes } from './client.ts'

const source = (): string =>
  readFileSync(createRequire(import.meta.url).resolve('nodemailer/lib/smtp-connection'), 'utf8')

export const nodemailer: ClientPeer = {
  name: 'nodemailer',
  origin: null,
  gaps: gapsIn(source, { SCRAM: /SCRAM/i, CHUNKING: /BDAT|CHUNKING/i }),
  async open(_unpacked, access) {
    return {
      async submit({ mode, sender, recipients, content, ...wishes }) {
        const { tls, mechanism } = modes[mode]
        const auth = { user: access.userNameOf(mode), pass: access.secretOf(mode) }
        const transport = createTransport({
          host: 'localhost',
          port: access.portOf(mode),
          name: 'client.example',
          secure: tls === 'implicit',
          ignoreTLS: tls === 'clear',
          requireTLS: tls === 'starttls',
          tls: { ca: readFileSync(access.certificateFile) },
          ...(mechanism === null ? {} : { auth, authMethod: mechanism }),
        })
        try {
          const sent = await transport.sendMail({
            envelope: {
              from: sender,
              to: [...recipients],
              ...(wishes.declares8Bit ? { use8BitMime: true } : {}),
            },
            raw: content,
            ...(wishes.asksForDsn
              ? { dsn: { id: 'QQ314159', return: 'headers', notify: ['success', 'failure'] } }
              : {}),
          })
          const refused = sent.rejectedErrors?.map(messageOf) ?? []
          return { isGood: true, log: [sent.response, ...refused].join('\n') }
        } catch (thrown) {
          return { isGood: false, log: messageOf(thrown) }
        } finally {
          transport.close()
        }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

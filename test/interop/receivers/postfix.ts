// SPDX-License-Identifier: Apache-2.0
import { RunningPostfix } from '../running-postfix.ts'
import type { ReceiverPeer } from './receiver.ts'

export const postfix: ReceiverPeer = {
  name: 'Postfix',
  origin: { debian: ['postfix', 'libsasl2-modules'] },
  needsRoot: true,
  async open(unpacked, { domains, unknown, storePort, certificateFile, keyFile }) {
    const refusals = domains.map((domain) => `{${unknown}@${domain} = 550 5.1.1 No such user}`)
    const postfix = await RunningPostfix.start(unpacked, {
      main: {
        relayhost: `[127.0.0.1]:${storePort}`,
        smtp_tls_security_level: 'none',
        smtpd_tls_security_level: 'may',
        smtpd_tls_cert_file: certificateFile,
        smtpd_tls_key_file: keyFile,
        smtpd_recipient_restrictions: `check_recipient_access inline:{ ${refusals.join(' ')} }`,
        smtpd_discard_ehlo_keywords: '',
        message_size_limit: '20000000',
      },
      listeners: [[], ['smtpd_tls_security_level=none']],
    })
    const [port = 0, clearPort = 0] = postfix.ports
    return {
      port,
      clearPort,
      kept: null,
      gaps: {},
      log: () => postfix.log(),
      [Symbol.asyncDispose]: () => postfix[Symbol.asyncDispose](),
    }
  },
}

// SPDX-License-Identifier: Apache-2.0
/** A message from the shell: whoever may open the control socket may submit for any tenant. */
import type { Acceptor, Submitter } from '../accept/acceptor.ts'
import { RelayError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { type Mailbox, parseMailbox } from '../protocol/mailbox.ts'
import { formatReply } from '../protocol/reply.ts'
import type { Directory } from '../records/directory.ts'
import { parseSlug } from '../records/records.ts'
import type { SendRequest } from './mail-desk.ts'

const FROM_SHELL = {
  address: '127.0.0.1',
  helo: 'localhost',
  protocol: 'LOCAL',
  tls: null,
} as const

export class LocalSend {
  readonly #acceptor: Acceptor
  readonly #directory: () => Directory

  constructor(acceptor: Acceptor, directory: () => Directory) {
    this.#acceptor = acceptor
    this.#directory = directory
  }

  /** Throws `RLY_REFUSED` with the reply that a submitter would have got. */
  async send(request: SendRequest): Promise<{ readonly messageId: string }> {
    const submitter = this.#submitter(request)
    const envelope = {
      reversePath: request.reversePath === '' ? null : mailbox(request.reversePath),
      recipients: request.recipients.map((text) => ({
        forwardPath: mailbox(text),
        notify: null,
        originalRecipient: null,
      })),
      body: '8BITMIME',
      smtputf8: true,
      ret: null,
      envid: null,
    } as const
    const draft = this.#acceptor.begin(submitter, envelope, FROM_SHELL)
    await draft.write(Buffer.from(request.content, 'base64'))
    const acceptance = await draft.finish()
    if (acceptance.kind === 'refused')
      throw new RelayError('RLY_REFUSED', formatReply(acceptance.reply))
    return { messageId: acceptance.id }
  }

  #submitter(request: SendRequest): Submitter {
    const directory = this.#directory()
    const tenant = parseSlug(request.tenant)
    if (tenant === null || !directory.tenants.has(tenant)) {
      const meant = nearest(request.tenant, directory.tenants.keys())
      throw new RelayError(
        'RLY_RECORD_UNKNOWN',
        `no tenant "${request.tenant}"${meant ? `; did you mean "${meant}"?` : ''}`,
      )
    }
    const name = request.stream === null ? null : parseSlug(request.stream)
    const stream = name === null ? directory.defaultStream(tenant) : directory.stream(tenant, name)
    if (stream === null)
      throw new RelayError(
        'RLY_RECORD_UNKNOWN',
        `tenant ${tenant} has no stream "${request.stream ?? '(default)'}"`,
      )
    return { tenant, stream: stream.name, credential: null }
  }
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (parsed === null)
    throw new RelayError('RLY_USAGE', `"${text}" is not an address: expected local-part@domain`)
  return parsed
}

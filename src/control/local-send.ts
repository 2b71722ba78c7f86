// SPDX-License-Identifier: Apache-2.0
/** A message from the shell: whoever may open the control socket may submit for any tenant. */
import type { Acceptor, Submitter } from '../accept/acceptor.ts'
import { instant } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { type Mailbox, parseMailbox } from '../protocol/mailbox.ts'
import { formatReply, type Reply } from '../protocol/reply.ts'
import type { Directory } from '../records/directory.ts'
import { parseSlug } from '../records/records.ts'
import type { Labels } from '../spool/message.ts'
import type { SendRequest } from './mail-desk.ts'

/** RFC 3848 has no word for either. */
const protocols = { shell: 'LOCAL', http: 'HTTP' } as const

export class LocalSend {
  readonly #acceptor: Acceptor
  readonly #directory: () => Directory

  constructor(acceptor: Acceptor, directory: () => Directory) {
    this.#acceptor = acceptor
    this.#directory = directory
  }

  /** Throws `RLY_REFUSED`, or `RLY_BUSY` where it may be tried again, with the reply that a submitter would have got. */
  async send(request: SendRequest): Promise<{ readonly messageId: string }> {
    const submitter = this.#submitter(request)
    const draft = this.#acceptor.begin(
      submitter,
      envelopeOf(request),
      {
        address: request.address,
        helo: request.by === 'shell' ? 'localhost' : '',
        protocol: protocols[request.by],
        tls: null,
      },
      { campaign: request.campaign, labels: labelsOf(request) },
    )
    await draft.write(Buffer.from(request.content, 'base64'))
    const acceptance = await draft.finish()
    if (acceptance.kind === 'refused') throw refused(acceptance.reply)
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

function refused(reply: Reply): RelayError {
  return new RelayError(reply.code < 500 ? 'RLY_BUSY' : 'RLY_REFUSED', formatReply(reply))
}

function envelopeOf(request: SendRequest): Envelope {
  const { releaseAt } = request
  return {
    reversePath: request.reversePath === '' ? null : mailbox(request.reversePath),
    recipients: request.recipients.map((text) => ({
      forwardPath: mailbox(text),
      // Events tell a program more than a DSN would.
      notify: request.by === 'http' ? [] : null,
      originalRecipient: null,
    })),
    body: '8BITMIME',
    smtputf8: true,
    ret: null,
    envid: null,
    ...(releaseAt !== null && {
      release: { at: instant(Date.parse(releaseAt)), asked: `until;${releaseAt}` },
    }),
  }
}

function labelsOf({ tags, metadata }: SendRequest): Labels | null {
  return tags.length === 0 && Object.keys(metadata).length === 0 ? null : { tags, metadata }
}

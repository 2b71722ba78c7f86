// SPDX-License-Identifier: Apache-2.0
/**
 * The taxonomy of refusals: what a reply or a report means, and what follows. `docs/classification.md` is made from this table.
 *
 * Two things are kept apart that reply codes mix. `permanence` says whether waiting can help in truth: a full mailbox may be a
 * 5yz and a closed account a 4yz. `action` says who must do something. Only a failure of the recipient's own suppresses: an
 * address that is taken off a list for a receiver's policy or trouble is a customer lost for good, a retry costs a connection.
 */

/** Whose fault: `path` is this source to this site, where another source may fare better; `us` is what our operator sets up. */
export type Fault = 'recipient' | 'message' | 'path' | 'us'

export type Action =
  /** Send nothing more to this address. */
  | 'suppress'
  /** Try again, as the schedule says. */
  | 'retry'
  /** Try again, from another source where there is one. */
  | 'retry-elsewhere'
  /** Try again, with less at once. */
  | 'slow-down'
  /** Try again later or elsewhere; nothing more from this source to this site until a person has looked. */
  | 'stop-source'
  /** Waiting will not help, but a person can. */
  | 'tell-operator'
  /** This message ends here; nothing follows for the address. */
  | 'give-up'

/** The nine classes that dashboards and other programs agree on. */
export type CoarseClass =
  | 'invalid_recipient'
  | 'bad_domain'
  | 'inactive'
  | 'quota'
  | 'size'
  | 'throttle'
  | 'policy_or_reputation'
  | 'transient_or_network'
  | 'other'

export interface ClassFacts {
  readonly coarse: CoarseClass
  readonly fault: Fault
  /**
   * `as-replied`: a 5yz is final and a 4yz is not. `temporary`: whatever the code, it may go later. `final`: whatever the
   * code, it will not.
   */
  readonly permanence: 'as-replied' | 'temporary' | 'final'
  /** What to do when it is final, and when it is not. */
  readonly whenFinal: Action
  readonly whenTransient: Action
  /** One sentence for people. */
  readonly meaning: string
}

const recipientGone = {
  fault: 'recipient',
  permanence: 'as-replied',
  whenFinal: 'suppress',
  whenTransient: 'retry',
} as const

const ofMessage = {
  coarse: 'policy_or_reputation',
  fault: 'message',
  permanence: 'as-replied',
  whenFinal: 'give-up',
  whenTransient: 'retry',
} as const

const ofOurs = {
  coarse: 'policy_or_reputation',
  fault: 'us',
  permanence: 'as-replied',
  whenFinal: 'tell-operator',
  whenTransient: 'tell-operator',
} as const

const later = { permanence: 'temporary', whenFinal: 'give-up', whenTransient: 'retry' } as const

const ofPath = { fault: 'path', permanence: 'temporary', whenFinal: 'give-up' } as const

export const failureClasses = {
  'no-such-mailbox': {
    ...recipientGone,
    coarse: 'invalid_recipient',
    meaning: 'The domain has no mailbox of that name.',
  },
  'mailbox-moved': {
    ...recipientGone,
    coarse: 'invalid_recipient',
    meaning: 'The person has another address now, and mail is not passed on.',
  },
  'bad-address': {
    ...recipientGone,
    coarse: 'invalid_recipient',
    meaning: 'The receiver finds the form of the address wrong.',
  },
  'recipient-refused': {
    ...recipientGone,
    coarse: 'invalid_recipient',
    whenFinal: 'give-up',
    meaning: 'The recipient was refused, and no reason was given.',
  },
  'mailbox-disabled': {
    ...recipientGone,
    coarse: 'inactive',
    meaning: 'The mailbox exists and is closed, locked or unused.',
  },
  'mailbox-full': {
    coarse: 'quota',
    fault: 'recipient',
    ...later,
    meaning: 'The mailbox is over its quota; people tidy up.',
  },
  'mailbox-busy': {
    coarse: 'throttle',
    fault: 'recipient',
    ...later,
    meaning: 'This one mailbox gets more mail than it may just now.',
  },
  'closed-recipient': {
    coarse: 'policy_or_reputation',
    fault: 'recipient',
    permanence: 'as-replied',
    whenFinal: 'give-up',
    whenTransient: 'retry',
    meaning: 'The mailbox or group takes mail only from certain senders.',
  },
  unwanted: {
    ...recipientGone,
    coarse: 'invalid_recipient',
    whenFinal: 'give-up',
    meaning: "The recipient's own settings refuse mail from this sender.",
  },
  'no-such-domain': {
    ...recipientGone,
    coarse: 'bad_domain',
    meaning: 'The domain of the address does not exist, or nobody serves it.',
  },
  'accepts-no-mail': {
    ...recipientGone,
    coarse: 'bad_domain',
    meaning: 'The domain says that it takes no mail (null MX, RFC 7505).',
  },
  'message-too-large': {
    ...ofMessage,
    coarse: 'size',
    meaning: 'The message is larger than the receiver or recipient takes.',
  },
  spam: { ...ofMessage, meaning: 'The content was taken for spam.' },
  'listed-content': {
    ...ofMessage,
    whenFinal: 'tell-operator',
    meaning: 'A domain in the message or its sender is on a block list.',
  },
  'dangerous-content': {
    ...ofMessage,
    meaning: 'A virus, or a kind of attachment or link that the receiver does not take.',
  },
  'malformed-message': {
    ...ofMessage,
    whenFinal: 'tell-operator',
    meaning: 'The receiver finds the header or body wrong (RFC 5322).',
  },
  unauthenticated: { ...ofOurs, meaning: 'SPF, DKIM or DMARC did not pass.' },
  'sender-refused': {
    ...ofOurs,
    meaning: 'The sender address or its domain was refused, or does not exist for the receiver.',
  },
  'login-required': {
    ...ofOurs,
    meaning: 'The host wants a login: it is a submission server, or the route is wrong.',
  },
  'tls-required': { ...ofOurs, meaning: 'The receiver takes mail over TLS only.' },
  'relay-denied': {
    ...ofOurs,
    meaning: 'The host does not serve the domain: an MX that points astray, or a wrong route.',
  },
  'reverse-dns': {
    ...ofOurs,
    permanence: 'temporary',
    whenTransient: 'stop-source',
    meaning: 'The address of the source has no name, or one that does not lead back to it.',
  },
  'listed-source': {
    ...ofPath,
    coarse: 'policy_or_reputation',
    whenTransient: 'stop-source',
    meaning: 'The address of the source is on a block list.',
  },
  'bad-reputation': {
    ...ofPath,
    coarse: 'policy_or_reputation',
    whenTransient: 'slow-down',
    meaning: 'The receiver thinks ill of the source or domain for what it sent of late.',
  },
  'source-refused': {
    ...ofPath,
    coarse: 'policy_or_reputation',
    whenTransient: 'retry-elsewhere',
    meaning: 'The receiver does not talk to this source.',
  },
  policy: {
    coarse: 'policy_or_reputation',
    fault: 'message',
    permanence: 'as-replied',
    whenFinal: 'give-up',
    whenTransient: 'retry',
    meaning: 'Refused by a rule of the receiver that it does not explain.',
  },
  throttled: {
    ...ofPath,
    coarse: 'throttle',
    whenTransient: 'slow-down',
    meaning: 'More mail than the receiver takes from us in that time.',
  },
  'too-many-connections': {
    ...ofPath,
    coarse: 'throttle',
    whenTransient: 'slow-down',
    meaning: 'More connections, or mail on one, than the receiver takes.',
  },
  'too-many-recipients': {
    coarse: 'transient_or_network',
    fault: 'message',
    ...later,
    meaning:
      'Too many recipients in one transaction; the others go in the next (RFC 5321 §4.5.3.1.10).',
  },
  greylisted: {
    coarse: 'transient_or_network',
    fault: 'recipient',
    ...later,
    meaning: 'A receiver that does not know us asks to come again.',
  },
  'dns-failure': {
    ...ofPath,
    coarse: 'transient_or_network',
    whenTransient: 'retry',
    meaning: 'A name look-up failed, here or at a relay; one answer of one resolver is no proof.',
  },
  unreachable: {
    ...ofPath,
    coarse: 'transient_or_network',
    whenTransient: 'retry',
    meaning: 'No connection, or one that broke.',
  },
  'receiver-trouble': {
    ...ofPath,
    coarse: 'transient_or_network',
    permanence: 'as-replied',
    whenTransient: 'retry',
    meaning: 'The receiver is overloaded, full, set up wrongly or being serviced.',
  },
  'mail-loop': {
    coarse: 'transient_or_network',
    fault: 'path',
    permanence: 'final',
    whenFinal: 'give-up',
    whenTransient: 'give-up',
    meaning: 'The message went in a circle among the hosts of the receiver.',
  },
  expired: {
    coarse: 'transient_or_network',
    fault: 'path',
    permanence: 'final',
    whenFinal: 'give-up',
    whenTransient: 'give-up',
    meaning: 'It waited until its time was over.',
  },
  'protocol-error': {
    coarse: 'transient_or_network',
    fault: 'us',
    permanence: 'as-replied',
    whenFinal: 'tell-operator',
    whenTransient: 'retry',
    meaning: 'The two programs do not understand each other.',
  },
  unknown: {
    coarse: 'other',
    fault: 'message',
    permanence: 'as-replied',
    whenFinal: 'give-up',
    whenTransient: 'retry',
    meaning: 'No rule knows these words.',
  },
} as const satisfies Record<string, ClassFacts>

export type FailureClass = keyof typeof failureClasses

/** The facts of a class, widened from the table. */
export function factsOf(name: FailureClass): ClassFacts {
  return failureClasses[name]
}

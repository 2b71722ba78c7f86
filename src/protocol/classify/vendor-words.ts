// SPDX-License-Identifier: Apache-2.0
/** Our classes in the words of others, for whoever comes from them or feeds their tools. */
import type { FailureClass } from './failure-class.ts'

/** The `Type` of Postmark's bounce API. */
export type PostmarkType =
  | 'HardBounce'
  | 'SoftBounce'
  | 'Transient'
  | 'AddressChange'
  | 'BadEmailAddress'
  | 'Blocked'
  | 'DMARCPolicy'
  | 'DnsError'
  | 'SpamNotification'
  | 'VirusNotification'
  | 'Unknown'

/** `bounceType` and `bounceSubType` of Amazon SES. */
export type SesType =
  | 'Permanent/General'
  | 'Permanent/NoEmail'
  | 'Transient/General'
  | 'Transient/MailboxFull'
  | 'Transient/MessageTooLarge'
  | 'Transient/ContentRejected'
  | 'Transient/AttachmentRejected'
  | 'Undetermined/Undetermined'

/** `bounce_classification` of SendGrid's event webhook. */
export type SendGridClass =
  | 'Content'
  | 'Frequency or Volume Too High'
  | 'Invalid Address'
  | 'Mailbox Unavailable'
  | 'Reputation'
  | 'Technical Failure'
  | 'Unclassified'

/** KumoMTA's `PreDefinedBounceClass`. */
export type KumoClass =
  | 'InvalidRecipient'
  | 'InactiveMailbox'
  | 'QuotaIssues'
  | 'PolicyRelated'
  | 'BadDomain'
  | 'ContentRelated'
  | 'SpamContent'
  | 'SpamBlock'
  | 'VirusRelated'
  | 'ProhibitedAttachment'
  | 'ProtocolErrors'
  | 'AuthenticationFailed'
  | 'InvalidSender'
  | 'RelayDenied'
  | 'TransientFailure'
  | 'TooManyRecipients'
  | 'DNSFailure'
  | 'NoAnswerFromHost'
  | 'BadConfiguration'
  | 'RoutingErrors'
  | 'MessageExpired'
  | 'Uncategorized'

export interface VendorWords {
  readonly postmark: PostmarkType
  readonly ses: SesType
  readonly sendgrid: SendGridClass
  readonly kumomta: KumoClass
}

// biome-ignore format: a table.
const words: Readonly<Record<FailureClass, readonly [PostmarkType, SesType, SendGridClass, KumoClass]>> = {
  'no-such-mailbox':      ['HardBounce',        'Permanent/NoEmail',            'Invalid Address',              'InvalidRecipient'],
  'mailbox-moved':        ['AddressChange',     'Permanent/General',            'Invalid Address',              'InactiveMailbox'],
  'bad-address':          ['BadEmailAddress',   'Permanent/NoEmail',            'Invalid Address',              'InvalidRecipient'],
  'recipient-refused':    ['SoftBounce',        'Permanent/General',            'Unclassified',                 'InvalidRecipient'],
  'mailbox-disabled':     ['HardBounce',        'Permanent/General',            'Mailbox Unavailable',          'InactiveMailbox'],
  'mailbox-full':         ['SoftBounce',        'Transient/MailboxFull',        'Mailbox Unavailable',          'QuotaIssues'],
  'mailbox-busy':         ['Transient',         'Transient/General',            'Frequency or Volume Too High', 'TransientFailure'],
  'closed-recipient':     ['Blocked',           'Transient/General',            'Mailbox Unavailable',          'PolicyRelated'],
  unwanted:               ['Blocked',           'Transient/General',            'Mailbox Unavailable',          'PolicyRelated'],
  'no-such-domain':       ['DnsError',          'Permanent/General',            'Invalid Address',              'BadDomain'],
  'accepts-no-mail':      ['DnsError',          'Permanent/General',            'Invalid Address',              'BadDomain'],
  'message-too-large':    ['SoftBounce',        'Transient/MessageTooLarge',    'Content',                      'ContentRelated'],
  spam:                   ['SpamNotification',  'Transient/ContentRejected',    'Content',                      'SpamContent'],
  'listed-content':       ['SpamNotification',  'Transient/ContentRejected',    'Content',                      'SpamContent'],
  'dangerous-content':    ['VirusNotification', 'Transient/AttachmentRejected', 'Content',                      'VirusRelated'],
  'malformed-message':    ['Blocked',           'Transient/ContentRejected',    'Content',                      'ContentRelated'],
  unauthenticated:        ['DMARCPolicy',       'Transient/General',            'Reputation',                   'AuthenticationFailed'],
  'sender-refused':       ['Blocked',           'Transient/General',            'Reputation',                   'InvalidSender'],
  'login-required':       ['Blocked',           'Transient/General',            'Technical Failure',            'AuthenticationFailed'],
  'tls-required':         ['Blocked',           'Transient/General',            'Technical Failure',            'PolicyRelated'],
  'relay-denied':         ['Blocked',           'Transient/General',            'Technical Failure',            'RelayDenied'],
  'reverse-dns':          ['Blocked',           'Transient/General',            'Reputation',                   'BadConfiguration'],
  'listed-source':        ['Blocked',           'Transient/General',            'Reputation',                   'SpamBlock'],
  'bad-reputation':       ['Blocked',           'Transient/General',            'Reputation',                   'SpamBlock'],
  'source-refused':       ['Blocked',           'Transient/General',            'Reputation',                   'PolicyRelated'],
  policy:                 ['Blocked',           'Transient/General',            'Reputation',                   'PolicyRelated'],
  throttled:              ['Transient',         'Transient/General',            'Frequency or Volume Too High', 'TransientFailure'],
  'too-many-connections': ['Transient',         'Transient/General',            'Frequency or Volume Too High', 'TransientFailure'],
  'too-many-recipients':  ['Transient',         'Transient/General',            'Technical Failure',            'TooManyRecipients'],
  greylisted:             ['Transient',         'Transient/General',            'Technical Failure',            'TransientFailure'],
  'dns-failure':          ['DnsError',          'Transient/General',            'Technical Failure',            'DNSFailure'],
  unreachable:            ['Transient',         'Transient/General',            'Technical Failure',            'NoAnswerFromHost'],
  'receiver-trouble':     ['Transient',         'Transient/General',            'Technical Failure',            'TransientFailure'],
  'mail-loop':            ['SoftBounce',        'Transient/General',            'Technical Failure',            'RoutingErrors'],
  expired:                ['SoftBounce',        'Transient/General',            'Technical Failure',            'MessageExpired'],
  'protocol-error':       ['SoftBounce',        'Transient/General',            'Technical Failure',            'ProtocolErrors'],
  unknown:                ['Unknown',           'Undetermined/Undetermined',    'Unclassified',                 'Uncategorized'],
}

export function vendorWords(name: FailureClass): VendorWords {
  const [postmark, ses, sendgrid, kumomta] = words[name]
  return { postmark, ses, sendgrid, kumomta }
}

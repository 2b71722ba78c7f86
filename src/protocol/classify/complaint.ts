// SPDX-License-Identifier: Apache-2.0
/**
 * What a throttling reply complains of, and of whom: from its class, and from its words where one class says several things. Pure;
 * what follows from it is `queue/shaping/lesson.ts`.
 */
export interface Complaint {
  /** What there was too much of. */
  readonly of: 'messageRate' | 'connections' | 'messagesPerConnection'
  /**
   * `path`: the source, for this site. `tenant`: who sends, by its domain, whatever the source. `campaign`: this mail and what is like
   * it, by its content or its links.
   */
  readonly whom: 'path' | 'tenant' | 'campaign'
}

/** Of the class `too-many-connections`: what speaks of messages on one of them. */
const ON_ONE_CONNECTION =
  /\b(?:messages?|mails?|emails?|transactions|deliveries)\s+(?:per|(?:sent\s+)?(?:on|in|for|over)\s+(?:this|one|a|the same))\s+(?:smtp\s+)?(?:connection|session)|message max for session/i

/** What speaks of the domain that sends, not of the address that it comes from. */
const ABOUT_SENDER =
  /\b(?:reputation of the sending domain|(?:your|sender'?s?|sending|from) (?:(?:dkim|spf|from|email|mail)[ -])?domain\b(?!.*\bip\b)|sender frequency limited|domain frequency limited)/i

/** What speaks of the mail itself, in replies to a rate: Gmail's "containing one of your URL domains" (4.7.28), "the nature of the content". */
const ABOUT_CONTENT =
  /\b(?:url domains?|nature of the content|content and\/or the links|links? (?:with)?in (?:the|this|your) (?:message|mail))\b/i

/** RP-001 and its like: no class of its own says that the receiver means us. */
const BUSY_FOR_US = /server busy\. please try again later from/i

/** `null` where it complains of nothing that less mail would mend. */
export function complaintOf(
  meant: { readonly class: string } | undefined,
  text: string,
): Complaint | null {
  switch (meant?.class) {
    case 'too-many-connections':
      return {
        of: ON_ONE_CONNECTION.test(text) ? 'messagesPerConnection' : 'connections',
        whom: 'path',
      }
    case 'throttled':
    case 'bad-reputation':
      return { of: 'messageRate', whom: whomOf(text) }
    // What is put off, not refused: the same again a little later fares better.
    case 'spam':
    case 'listed-content':
      return { of: 'messageRate', whom: 'campaign' }
    case 'receiver-trouble':
      return BUSY_FOR_US.test(text) ? { of: 'messageRate', whom: 'path' } : null
    default:
      return null
  }
}

function whomOf(text: string): Complaint['whom'] {
  if (ABOUT_CONTENT.test(text)) return 'campaign'
  return ABOUT_SENDER.test(text) ? 'tenant' : 'path'
}

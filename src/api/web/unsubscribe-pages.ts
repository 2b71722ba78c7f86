// SPDX-License-Identifier: Apache-2.0
/** What a recipient reads who follows the way out of mail. `sender`: the domain that it came from; `null`: nothing says it. */
import { page, type WebAnswer } from './web-answer.ts'

const SOMEBODY = 'the sender'

export function question(sender: string | null): WebAnswer {
  return page(200, {
    title: sender === null ? 'Unsubscribe?' : `Unsubscribe from ${sender}?`,
    text: [
      `Press the button, and ${sender ?? SOMEBODY} will send you no more mail like the message that this link is from.`,
    ],
    button: 'Unsubscribe',
    note: 'Nothing has changed yet. To go on getting this mail, close this page.',
  })
}

export function done(sender: string | null): WebAnswer {
  return page(200, {
    title: 'You are unsubscribed',
    text: [
      `You will get no more mail of this kind from ${sender ?? SOMEBODY}. A message that is on its way already may still arrive.`,
    ],
    button: null,
    note: 'You did not mean to? Answer one of the messages and ask to be put back.',
  })
}

/** A form came that does not say what it wants: the button does. */
export function unclear(sender: string | null): WebAnswer {
  return page(400, {
    title: 'You are not unsubscribed yet',
    text: [
      `What arrived here does not say that you want no more mail from ${sender ?? SOMEBODY}. Press the button to say so.`,
    ],
    button: 'Unsubscribe',
    note: 'For programs: POST List-Unsubscribe=One-Click (RFC 8058), as a form.',
  })
}

export function broken(): WebAnswer {
  return page(404, {
    title: 'This link does not work',
    text: [
      'It may have been cut off or changed on its way. Open the message again and press its link there.',
      'If that does not help, answer the message and ask to get no more.',
    ],
    button: null,
    note: null,
  })
}

export function tooOld(sender: string | null): WebAnswer {
  return page(410, {
    title: 'This link is too old',
    text: [
      'Use the link in a newer message. If you have none, there is probably nothing left to unsubscribe from.',
      `If ${sender ?? SOMEBODY} still writes to you, answer and ask to get no more.`,
    ],
    button: null,
    note: null,
  })
}

export function notNow(sender: string | null): WebAnswer {
  return page(
    503,
    {
      title: 'Please try again in a minute',
      text: [
        `Your wish to get no more mail from ${sender ?? SOMEBODY} could not be saved just now.`,
      ],
      button: 'Unsubscribe',
      note: 'You are not unsubscribed yet.',
    },
    { 'retry-after': '60' },
  )
}

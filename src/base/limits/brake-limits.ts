// SPDX-License-Identifier: Apache-2.0
/** When mail that ends in one way is held for a person to look at. All other bounds are in `limits.ts`. */

const DAY_MS = 24 * 60 * 60_000

export const brakeLimits = {
  /** Ends of mail that are looked at together, everywhere and at each site; the oldest makes room. */
  ends: 100,
  /** An end that is older says nothing of now. */
  endIsNewMs: DAY_MS,
  /** So many of one cause, at least. */
  least: 50,
  /** Over so many domains, or at one site over so many recipients. */
  leastDomains: 8,
  leastRecipients: 20,
  /** And that is so large a part of all ends; or so many times as large as usual, though never over the last figure. */
  leastShare: 0.5,
  timesUsual: 4,
  mostShare: 0.9,
  /** What is usual is known of so many ends, twice that at most: then all of it counts half. */
  usualEnds: 10_000,
  /** Sites whose ends are remembered; the one that was quiet longest is forgotten. 2 KB each. */
  sites: 2_000,
  /** Of those, what outlives a process: where something failed of late. */
  keptSites: 500,
  /** Domains that took mail, as far as is remembered; the one that did so first is forgotten. */
  domains: 20_000,
  /** Brakes that are held, or let through, at once; of more nothing is held. */
  brakes: 1_000,
  /** Decided ones are shown for so long. */
  shownForMs: 30 * DAY_MS,
  /** How long a confirmed cause is let through where nobody says. */
  confirmedForMs: DAY_MS,
  longestConfirmationMs: 30 * DAY_MS,
} as const

// SPDX-License-Identifier: Apache-2.0
/** Words about what we are and how we speak: authentication, names, TLS, login, relaying, the sender. They come first: a reply that names one of these blames nobody else. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfPolicy: readonly PhraseRule[] = [
  {
    name: 'authentication',
    class: 'unauthenticated',
    says: phrases(`
      *dmarc* | *dmarc* + policy | spf check* | spf fail* | spf hard* | spf record*
      spf + *align* | spf + not + *allow* | spf + *authori* | spf + reject* | spf + error
      does not pass spf | not designated | sender policy framework | openspf.org | open-spf.org
      sender id + fail* | dkim + *pass* | dkim + fail* | dkim + *valid* | dkim + missing
      dkim + required | dkim + signature + not | sender is unauthenticated | is unauthenticated
      unauthenticated email | unauthenticated mail | authentication checks failed
      failed authentication checks | does not meet + authentication | authentication-results
      email authentication | required authentication level | anti-spoof* | spoofed | spoofing
      forged sender | sender address forgery | sender forgery
    `),
  },
  {
    name: 'reverse-dns',
    class: 'reverse-dns',
    says: phrases(`
      mismatches client ip | {does not,not} match {the ,your ,}{client,connecting,sending} ip | hostname mismatch
      ptr record* | ptr-record* | ptr resource record | *bad dns ptr* | no ptr | no dns ptr
      valid ptr | reverse dns | reverse-dns | reverse lookup | reverse name | reverse hostname
      reverse host lookup | reverse resolution | rdns | fcrdns | forward-confirmed
      forward confirmed | cannot find your hostname | cannot find your reverse hostname
      cannot resolve your + address | could not resolve your + address
      unable to resolve your + address | ip name lookup failed | ip name possibly forged
      helo command rejected | helo should be | forged helo | client host name lookup | not resolvable + client | unverifiable sending ip*
      unverifyable sending ip* | dns inverse | dns inverso | dns inverso + ip | generic + ptr*
      dynamic + ptr*
    `),
  },
  {
    name: 'tls',
    class: 'tls-required',
    says: phrases(`
      {does not,doesn't} support {tls,starttls,encryption} | {tls,starttls} not {supported,available,offered}
      starttls + *must issue* | issue a starttls | starttls is required | starttls required
      requires starttls | tls required | tls is required | requires tls | require tls
      encryption required | encryption is required | requires encryption
      encrypted connection + require* | tls negotiation | tls handshake | cannot start tls
      starttls + fail* | certificate verif* | untrusted certificate | certificate + not trusted
      not encrypted + require*
    `),
  },
  {
    name: 'login',
    class: 'login-required',
    says: phrases(`
      authentication required | authentication is required | requires authentication
      authorization required | smtp auth required | must authenticate | must be authenticated
      need to authenticate | need authentication first | please authenticate | authenticate first | not authenticated
      unauthenticated sender* | unauthenticated user* | authentication not allowed
      authentication failed | authentication failure | authentication credentials invalid
      invalid credentials | login attempts | login first | log in first | username and password
      turn on smtp auth* | submission port | submission server | use port 587
      authentification requise | code d'authentification | autenticacion requerida
      autenticazione richiesta | authentifizierung erforderlich | authentifizierung + notwendig
    `),
  },
  {
    name: 'relay',
    class: 'relay-denied',
    says: phrases(`
      {relay,relaying,relay access,mail relay,mail relaying,relay to} {is ,}{denied,prohibited,disallowed,forbidden,disabled,refused,rejected,blocked}
      {relay,relaying} {is ,}not {permitted,allowed,authorized,supported,accepted,enabled}
      {permitted,allowed,authorized,unable,able,refuse,refusing,try,trying,attempt} to relay | {cannot,can't,do not,don't,does not,will not,won't} relay
      no relaying | relaying mail to | as a relay | {unauthorized,unauthenticated,insecure,third-party,third party,open} {mail ,}relay* | invalid credentials for relay
      allowed rcpthosts | isn't in my list of allowed | rcpthosts | not {a ,}local {or gateway,domain,host} | not a gateway
      domain {is ,}not {hosted,handled,served,local}* | not hosted {here,on} | mail for this domain | we don't handle mail for
      not a registered gateway | email address is not verified | identities failed the check | non-local e-mail address
      specified domain is not allowed | not responsible for + domain | relais {refuse,interdit} | weiterleitung + {verweigert,abgelehnt}
    `),
  },
  {
    name: 'sender',
    class: 'sender-refused',
    says: phrases(`
      sender {address ,email address ,e-mail address ,domain ,}{is ,was ,has been ,}{rejected,refused,denied,blocked,invalid,unknown,not allowed,not accepted,not exist,not recognized,does not exist,not verified,unverified}
      sender verif* | {sender,sending,envelope,envelope sender,sender's,from,from:,mail from} domain | domain of {the ,}sender
      sender address domain | {envelope,unroutable,unrouteable,invalid,bad,unknown,illegal,bogus,fake,denied,forged} sender{s,}
      bogus {mx,dns} + sender | no such sender | {return,senders,sender's,sender email} address
      {from,from:,mail from} address | invalid return path | cannot send e-mail to yourself | send mail as
      {callout,callback,sender} verification | null sender* | mail sending denied | invalid domain name
      permission{s,} to send as | no such domain + sender | unresolvable + from | address + in mail from | bad outbound sender
      mail from + {rejected,denied,refused,not allowed} | {emetteur,expediteur} + {invalide,refuse,inconnu,rejete}
      absender* + {abgelehnt,unbekannt,ungultig,gesperrt} | {remitente,remetente} + {rechazad*,rejeitad*,invalid*,bloquead*}
      mittente + {rifiutato,non valido,bloccato} | отправител* + {отклонен*,не существует,заблокирован*}
      {发件人,发信人,寄件者} + {拒绝,不存在,无效} | 送信者 + {拒否,存在しない}
    `),
    unless: phrases(`
      block list | blocklist* | blacklist* | black list* | spamhaus* | dnsbl* | *reputation
      not rfc* | header | header: | from: header | {user,recipient} has refused
    `),
  },
]

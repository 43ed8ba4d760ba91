// What notifications are made of, for those who check declarations and for those who send.

/** Names that the template of a receiver may have between `${` and `}`. */
export const TEMPLATE_NAMES = ['application', 'event', 'commit', 'author', 'message', 'outcome', 'reason'] as const;

/** A mail address by itself: no name, no list, nothing that could begin another header. */
export const MAIL_ADDRESS = /^[^\s<>()[\]\\,;:"@]+@[A-Za-z0-9.-]+$/;

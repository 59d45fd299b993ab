//! What people read: every verb's help, and what each says when it goes well and when it does not.

//! Letters that arrive with the test.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use desk::{Deliver, SignInLetter};
use tokio::sync::mpsc;

/// Where letters to people arrive once a test has set it up; nowhere before.
#[derive(Default)]
pub struct Letters(Mutex<Option<mpsc::UnboundedSender<SignInLetter>>>);

impl Letters {
    /// Sets the delivery up; gives what arrives.
    pub fn set_up(&self) -> mpsc::UnboundedReceiver<SignInLetter> {
        let (out, letters) = mpsc::unbounded_channel();
        *self.slot() = Some(out);
        letters
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<mpsc::UnboundedSender<SignInLetter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deliver for Letters {
    fn is_set_up(&self) -> bool {
        self.slot().is_some()
    }

    fn deliver(&self, letter: SignInLetter) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        if let Some(out) = self.slot().as_ref() {
            // A test that has ended reads no more letters.
            let _ = out.send(letter);
        }
        Box::pin(std::future::ready(()))
    }
}

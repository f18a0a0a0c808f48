//! What is said to the worker that runs networks, and what it says: the words of the page's protocol that concern it,
//! so that it need not link the page. What the page only passes on is JSON text, so that the page need not understand it.

use serde::{Deserialize, Serialize};

use crate::network::CardText;

/// What it is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NetworkRequest {
    /// Keep what one receiver heard; the samples are beside the message. Not answered.
    Heard {
        /// What they are: [`HeardFacts`](crate::network::HeardFacts) as JSON.
        facts: String,
    },
    /// Run the network of a card on what was heard; it is fetched first where it is not there.
    Run {
        /// The card.
        card: CardText,
        /// What the samples answer: [`NetworkPlan`](crate::network::NetworkPlan) as JSON.
        plan: String,
    },
}

/// What it answers; the last is anything but [`Self::Progress`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NetworkReply {
    /// Share of the network that is fetched, 0…1.
    Progress(f32),
    /// What the network says: [`NetworkAnswer`](crate::network::NetworkAnswer) as JSON.
    Answered(String),
    /// It could not be done, in a sentence for the user.
    Failed(String),
}

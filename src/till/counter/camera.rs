//! The camera: on while F4 or the setting asks for it.

use crate::till::desk_calls::Reply;
use crate::till::engine::Engine;
use crate::till::service::{CameraView, Said};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// The camera's thread and what it sees.
pub(in crate::till) struct Watching {
    pub view: watch::Sender<Option<Arc<CameraView>>>,
}

impl Default for Watching {
    fn default() -> Self {
        Watching {
            view: watch::Sender::new(None),
        }
    }
}

impl Engine {
    pub(super) fn start_camera(&mut self) {}

    /// F4.
    pub(in crate::till) fn camera(&mut self, _on: bool) {}

    /// A picture that a person dropped on the window.
    pub(in crate::till) fn read_picture(&mut self, _path: PathBuf) {}

    pub(super) fn test_camera(&mut self, reply: Reply<Result<(), Said>>) {
        let _ = reply.send(Err(Said::DeviceAway(String::new())));
    }
}

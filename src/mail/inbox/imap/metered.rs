//! A stream that reads no more than it was allowed.
//!
//! async-imap gathers an answer in memory up to 512 MiB. A server that announces a small mail and
//! sends an endless one must not get that far.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::mail::tls::Stream;

/// A connection with a limit on what is read.
#[derive(Debug)]
pub(super) struct Metered {
    stream: Stream,
    left: u64,
}

/// More came in than was allowed.
#[derive(Debug, thiserror::Error)]
#[error("more than was announced")]
pub(super) struct OverLimit;

impl Metered {
    pub(super) fn new(stream: Stream, limit: u64) -> Self {
        Self { stream, left: limit }
    }

    /// Allows that many more bytes, whatever was allowed before.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    pub(super) fn into_inner(self) -> Stream {
        self.stream
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other(OverLimit)));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let read = buf.filled().len().saturating_sub(before);
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! The stream under an SMTP conversation.
//!
//! Promises: what is written is sent when an answer is awaited, and not before. lettre flushes after
//! every piece it writes and writes a mail's last dot by itself, which would be a packet, and over
//! TLS a record, for each.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use crate::mail::tls::Stream;

/// A stream as lettre gets it.
#[derive(Debug)]
pub struct Wire {
    /// `None` only while the value is dropped.
    stream: Option<Stream>,
    /// What is read before the stream itself.
    first: &'static [u8],
    /// Where the stream goes when lettre has done with it.
    home: Option<oneshot::Sender<Stream>>,
}

impl Wire {
    /// A stream for a whole conversation.
    pub fn given(stream: Stream) -> Self {
        Self { stream: Some(stream), first: b"", home: None }
    }

    /// A stream for the part of a conversation before STARTTLS. It comes back through the receiver
    /// when the conversation is dropped, without what lettre may have read ahead: that is text from
    /// before the encryption, which RFC 3207 section 4.2 wants forgotten.
    pub fn lent(stream: Stream) -> (Self, oneshot::Receiver<Stream>) {
        let (home, back) = oneshot::channel();
        (Self { stream: Some(stream), first: b"", home: Some(home) }, back)
    }

    /// A stream on which the server has greeted already, as after STARTTLS: lettre begins every
    /// conversation by reading a greeting, and is given this one.
    pub fn greeted(stream: Stream) -> Self {
        Self { stream: Some(stream), first: b"220 TLS\r\n", home: None }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let (Some(stream), Some(home)) = (self.stream.take(), self.home.take()) {
            // Nobody waits for it any more where the send fails.
            let _ = home.send(stream);
        }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream
            .as_ref()
            .map_or_else(|| Err(io::ErrorKind::NotConnected.into()), Stream::peer_addr)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(buf.remaining()));
            buf.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        ready!(self.stream()?.poll_flush(cx))?;
        self.stream()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

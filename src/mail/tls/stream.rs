//! A connection as IMAP and SMTP use it, whether it is encrypted or not.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, BufWriter, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection to a server.
///
/// Writes are gathered until the flush: the protocol crates write a command in several pieces,
/// each of which would be a TLS record and, with TCP_NODELAY, a packet of its own.
#[derive(Debug)]
pub struct Stream(BufWriter<Wire>);

/// What the bytes run through.
#[derive(Debug)]
enum Wire {
    Plain(TcpStream),
    // Boxed: the state of a TLS session is many times the size of a socket.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) fn plain(socket: TcpStream) -> Self {
        Self(BufWriter::new(Wire::Plain(socket)))
    }

    pub(super) fn tls(session: TlsStream<TcpStream>) -> Self {
        Self(BufWriter::new(Wire::Tls(Box::new(session))))
    }

    /// The socket, if nothing but plain text ran through it.
    pub(super) fn into_plain(self) -> Option<TcpStream> {
        match self.0.into_inner() {
            Wire::Plain(socket) => Some(socket),
            Wire::Tls(_) => None,
        }
    }

    /// The address of the server.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self.0.get_ref() {
            Wire::Plain(socket) => socket.peer_addr(),
            Wire::Tls(session) => session.get_ref().0.peer_addr(),
        }
    }

    /// Whether what is written is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.0.get_ref(), Wire::Tls(_))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Tls(session) => Pin::new(session).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Tls(session) => Pin::new(session).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(session) => Pin::new(session).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(session) => Pin::new(session).poll_shutdown(cx),
        }
    }
}

import { createServer, type Server, type Socket } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { createSecureContext, createServer as createTlsServer, type SecureContextOptions } from 'node:tls';
import type { Server as HttpServer } from 'node:http';
import type { ServerOptions, Server as HttpsServer } from 'node:https';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ConfigurationError, type Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import type { TlsConfiguration } from '../../config/security-configuration';
import { reasonOf, WatchedFiles } from '../watched-files';

/** How long a client has to agree on keys: one that never finishes holds a socket. */
const HANDSHAKE_MS = 10_000;

/** Something whose certificate can be changed while it runs; connections that are open keep theirs. */
type Speaker = Pick<HttpsServer, 'setSecureContext'>;

/** What an HTTPS server must be made with; its certificate comes by `Certificates.serve`. */
export function tlsOptions(tls: TlsConfiguration): ServerOptions {
  return { requestCert: tls.clientCaFile !== undefined, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_MS };
}

/** The certificate of all ports, read again when it is renewed. */
@Injectable()
export class Certificates implements OnModuleDestroy {
  private readonly logger = new Logger(Certificates.name);
  private readonly speakers: Speaker[] = [];
  private readonly files: WatchedFiles<SecureContextOptions> | undefined;

  /** @throws ConfigurationError where the files cannot be used */
  constructor(@InjectConfiguration() private readonly configuration: Configuration) {
    const { tls } = configuration.security;
    this.files = tls && this.open(tls);
  }

  /** Gives the certificate to the HTTP port, where TLS is configured. */
  serve(server: HttpServer | HttpsServer): void {
    if (this.files) this.addSpeaker(server as HttpsServer);
  }

  /** A port for HTTP/2, over TLS where that is configured. */
  http2Port(accept: (socket: Socket) => void): Server {
    const { tls } = this.configuration.security;
    if (!tls) return createServer({ noDelay: true }, accept);
    const server = createTlsServer({ ...tlsOptions(tls), noDelay: true, ALPNProtocols: ['h2'] }, accept);
    this.addSpeaker(server);
    return server;
  }

  onModuleDestroy(): void {
    this.files?.close();
  }

  private addSpeaker(server: Speaker): void {
    server.setSecureContext(this.files?.value ?? {});
    this.speakers.push(server);
  }

  private open({ certFile, keyFile, clientCaFile }: TlsConfiguration): WatchedFiles<SecureContextOptions> {
    const paths = [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])];
    try {
      return new WatchedFiles(paths, (contents) => this.read(contents), {
        onChange: () => this.speakers.forEach((server) => server.setSecureContext(this.files?.value ?? {})),
        // Certificate and key are written one after the other, and do not match in between.
        onProblem: (reason) => this.logger.warn(`TLS files have changed and cannot be used (yet): ${reason}`),
      });
    } catch (error) {
      throw new ConfigurationError([`SUTRA_TLS_CERT, SUTRA_TLS_KEY, SUTRA_TLS_CLIENT_CA: ${reasonOf(error)}`]);
    }
  }

  private read([cert, key, ca]: readonly Buffer[]): SecureContextOptions {
    const options = { cert, key, ca };
    // Throws where they do not belong together.
    createSecureContext(options);
    this.logger.log(`The TLS certificate is valid until ${new X509Certificate(cert as Buffer).validTo}`);
    return options;
  }
}

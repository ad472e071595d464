/** The secret with which the receiver knows that events come from here. */
import { Dialog } from '../../parts/dialog.tsx';
import { SecretOnce } from '../../parts/secret.tsx';

interface HookSecretProps {
  title: string;
  secret: string;
  onDone(): void;
}

export const HookSecret = ({ title, secret, onDone }: HookSecretProps) => (
  <Dialog title={title} onClose={onDone} locked>
    <SecretOnce label="Secret" secret={secret} onDone={onDone}>
      <p>
        Give it to your receiver. With it, the receiver checks the signature of each event, and so
        knows that it comes from here. Libraries for “Standard Webhooks” take it as it is.
      </p>
    </SecretOnce>
  </Dialog>
);

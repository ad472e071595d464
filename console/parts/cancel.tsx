/** The button that closes a dialog without doing anything. */
export const Cancel = ({ onClose }: { onClose(): void }) => (
  <button type="button" onClick={onClose}>
    Cancel
  </button>
);
